"""The composition root of registry: the only place that puts its parts together."""

from contracts.topics import TOPICS, owned_by
from services.chassis.audit.tables import AUDIT
from services.chassis.http.audit import audit_key
from services.chassis.kafka.consuming import Consumer
from services.chassis.persistence import CHASSIS, AsyncSession, merged
from services.chassis.platform import Platform
from services.chassis.security import FieldCipher
from services.chassis.service import ServiceApp
from services.marks import MARKS, Notes
from services.matching.http import matching_router
from services.matching.marks_http import match_marks_router
from services.registers import Intake
from services.registers.days_off import days_off_consumer
from services.registers.drafts import Drafts
from services.registers.duties import duties_router
from services.registers.http import intake_router
from services.registers.keys_http import keys_router
from services.registers.pages.http import desk_router
from services.registers.previews.forgetting import forgetting
from services.registers.previews.store import Previews
from services.registers.record_http import records_router
from services.registers.renewal_http import Renewal, renewal_router
from services.registers.search_filling import filling
from services.registers.search_http import search_router
from services.registers.stating_http import statements_router
from services.registers.submissions import submissions_of
from services.registers.tables import DESK, RECORDS, find_records_by_person
from services.registers.withdrawal_notes import WithdrawalNotes
from services.registers.withdrawing_http import withdrawals_router
from services.registry import consumers
from services.registry.chronology import chronology_page, chronology_router
from services.registry.duties import BOOK as DUTIES
from services.registry.index import http as persons
from services.registry.index import take_new_tokens
from services.registry.index.tables import PERSON_INDEX
from services.registry.registers import REGISTERS
from services.registry.review.http import review_router
from services.registry.review.notes import ReviewNotes
from services.registry.review.proposing import proposing
from services.registry.review.tables import REVIEW

TABLES = find_records_by_person(merged(CHASSIS, AUDIT, RECORDS, DESK, MARKS, PERSON_INDEX, REVIEW))
"""All tables of the service's database, as they are declared."""


def compose(platform: Platform) -> ServiceApp:
    """Return the routes, topics and consumers of the service.

    The person index reads the events of the other services; the register works without them.
    """
    notes, drafts = Notes(FieldCipher.of(platform.settings)), Drafts(platform.cipher)
    previews, reviewed = Previews(platform.cipher), ReviewNotes(FieldCipher.of(platform.settings))
    intake = Intake.of(platform, REGISTERS)
    index = Consumer(
        platform,
        consumers.CONSUMER,
        [TOPICS[name] for name in consumers.TOPICS],
        consumers.person_index(platform.new_id),
        known_types=consumers.KNOWN_TYPES,
    )
    submission_key, submissions = submissions_of(platform, intake)
    return ServiceApp(
        "services.registry",
        routers=[
            intake_router(intake),
            search_router(intake),
            records_router(intake),
            duties_router(intake, DUTIES),
            withdrawals_router(intake),
            matching_router(intake, notes),
            match_marks_router(intake, notes),
            persons.router(),
            chronology_router(),
            review_router(intake, reviewed),
            statements_router(platform, intake),
            keys_router(intake, [notes, drafts, previews, WithdrawalNotes(intake.vault), reviewed]),
            renewal_router(_renewal(platform, intake)),
            submission_key,
        ],
        pages=[desk_router(platform, intake, drafts, previews, DUTIES), chronology_page()],
        topics=owned_by("registry"),
        consumers=[index, *submissions, days_off_consumer(platform)],
        api_background=[
            filling(platform, intake),
            forgetting(platform, previews),
            proposing(platform, intake),
        ],
        audited=True,
        audit_key=audit_key(platform),
        tables=TABLES,
    )


def _renewal(platform: Platform, intake: Intake) -> Renewal:
    async def rename(session: AsyncSession, abandon: bool) -> int:
        return await take_new_tokens(session, abandon, platform.new_id)

    return Renewal(platform, intake, rename, ("registry.persons",), consumers.TOPICS)
