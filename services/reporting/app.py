"""The composition root of reporting: the only place that puts its parts together."""

import asyncio
from functools import partial

from contracts.topics import TOPICS as ALL_TOPICS
from contracts.topics import owned_by
from services.chassis.audit.tables import AUDIT
from services.chassis.http.audit import audit_key
from services.chassis.kafka.consuming import Consumer
from services.chassis.persistence import CHASSIS, merged
from services.chassis.persistence.session import is_outage, raw
from services.chassis.platform import Platform
from services.chassis.runtime.waiting import pause
from services.chassis.security import FieldCipher
from services.chassis.service import ServiceApp
from services.chassis.web import Link
from services.marks import MARKS, Notes
from services.matching.http import matching_router
from services.matching.marks_http import match_marks_router
from services.registers import Intake, collect
from services.registers.http import intake_router
from services.registers.keys_http import keys_router
from services.registers.submissions import submissions_of
from services.registers.tables import RECORDS
from services.reporting import declarations
from services.reporting.amendments.http import amendments_router
from services.reporting.checks.http import checks_router
from services.reporting.checks.marks_http import marks_router
from services.reporting.checks.queries import count_findings
from services.reporting.closing.http import closing_router
from services.reporting.disclosure import ReleaseControl
from services.reporting.dissemination.http import publishing_router
from services.reporting.documents.composing_http import composing_router
from services.reporting.documents.http import reports_router
from services.reporting.documents.printing import Printing
from services.reporting.facts import SHARED, generations, units_of
from services.reporting.facts.consumers import TOPICS
from services.reporting.facts.http import rebuild_router, renewal_router
from services.reporting.facts.projector import Projector, consumer_of, other_generations
from services.reporting.figures.aggregates.maintainer import AggregateMaintainer, fill_cells
from services.reporting.figures.http import figures_router
from services.reporting.figures.query_service import QueryService
from services.reporting.ledger.http import ledger_router
from services.reporting.ledger.reminders_http import reminders_router
from services.reporting.ledger.reminding import Reminders
from services.reporting.pages.http import pages_router
from services.reporting.reconciliation.http import reconciliations_router
from services.reporting.reconciliation.marks_http import waterfall_marks_router
from services.reporting.subscriptions.http import follows_router
from services.reporting.subscriptions.worker import Notifier
from texts import message

_FOLLOW_SECONDS = 1.0

TABLES = merged(CHASSIS, AUDIT, RECORDS, SHARED, MARKS)
"""All tables of the service's database, as they are declared."""


class LiveConsumer:
    """Which consumer keeps the live generation, for retrying dead letters in the process that serves HTTP."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._generation = 1

    def __call__(self) -> list[Consumer]:
        return [consumer_of(self._platform, self._generation)]

    async def follow(self, stop: asyncio.Event) -> None:
        """Keep up with rebuilds until `stop`."""
        while not stop.is_set():
            try:
                async with self._platform.uow() as session:
                    self._generation = await generations.live(await raw(session))
            except Exception as error:
                if not is_outage(error):
                    raise
            await pause(stop, _FOLLOW_SECONDS)


async def _outdated(platform: Platform) -> bool:
    """Return whether questions are answered from tables that an older program made and that are not rebuilt yet."""
    async with platform.uow() as session:
        return not await generations.is_current(await raw(session))


def compose(platform: Platform) -> ServiceApp:
    """Return the routes, topics and consumers of the service. The projector runs only in the role ``consume``."""
    intake = Intake.of(platform, collect(declarations.REGISTER), units_of)
    submission_key, submissions = submissions_of(platform, intake)
    live = LiveConsumer(platform)
    notes = Notes(FieldCipher.of(platform.settings))
    queries = QueryService(platform, ReleaseControl(platform, count_findings))
    printing = Printing(platform, queries)
    platform.health.degraded_when("figures of an older generation", partial(_outdated, platform))
    return ServiceApp(
        "services.reporting",
        routers=[
            figures_router(platform, queries),
            rebuild_router(platform),
            renewal_router(platform),
            checks_router(platform, queries, notes),
            marks_router(platform, queries, notes),
            reconciliations_router(platform, queries, notes),
            waterfall_marks_router(platform, queries, notes),
            publishing_router(platform, queries),
            follows_router(platform, queries),
            reports_router(printing),
            composing_router(platform, queries),
            closing_router(platform, queries),
            ledger_router(platform),
            reminders_router(),
            amendments_router(platform),
            intake_router(intake),
            matching_router(intake, notes),
            match_marks_router(intake, notes),
            keys_router(intake, [notes]),
            submission_key,
        ],
        pages=[pages_router(platform, queries, notes, printing)],
        operators_links=(Link(text=message("page.rebuild.title"), href="/reporting/operations/rebuild"),),
        topics=owned_by("reporting"),
        consumers=submissions,
        reads=[ALL_TOPICS[name] for name in TOPICS],
        more_consumers=live,
        consume_background=[
            Projector(platform, fill_cells).run,
            AggregateMaintainer(platform).run,
            Notifier(platform, queries).run,
            Reminders(platform).run,
        ],
        api_background=[live.follow],
        retired=other_generations,
        audited=True,
        audit_key=audit_key(platform),
        answers_from_consumers=True,
        tables=TABLES,
    )
