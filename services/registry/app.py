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
from services.registers.http import intake_router
from services.registers.keys_http import keys_router
from services.registers.pages.http import desk_router
from services.registers.record_http import records_router
from services.registers.renewal_http import Renewal, renewal_router
from services.registers.search_filling import filling
from services.registers.search_http import search_router
from services.registers.stating_http import statements_router
from services.registers.submissions import submissions_of
from services.registers.tables import LINKAGE, NUMBERS, RECORDS, SEARCH, STATEMENTS, find_records_by_person
from services.registry import consumers
from services.registry.index import http as persons
from services.registry.index import take_new_tokens
from services.registry.index.tables import PERSON_INDEX
from services.registry.registers import REGISTERS

TABLES = find_records_by_person(
    merged(CHASSIS, AUDIT, RECORDS, LINKAGE, NUMBERS, SEARCH, STATEMENTS, MARKS, PERSON_INDEX)
)
"""All tables of the service's database, as they are declared."""


def compose(platform: Platform) -> ServiceApp:
    """Return the routes, topics and consumers of the service.

    The person index reads the events of the other services; the register works without them.
    """
    notes = Notes(FieldCipher.of(platform.settings))
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
            matching_router(intake, notes),
            match_marks_router(intake, notes),
            persons.router(),
            statements_router(platform, intake),
            keys_router(intake, [notes]),
            renewal_router(_renewal(platform, intake)),
            submission_key,
        ],
        pages=[desk_router(platform, intake)],
        topics=owned_by("registry"),
        consumers=[index, *submissions],
        api_background=[filling(platform, intake)],
        audited=True,
        audit_key=audit_key(platform),
        tables=TABLES,
    )


def _renewal(platform: Platform, intake: Intake) -> Renewal:
    async def rename(session: AsyncSession, abandon: bool) -> int:
        return await take_new_tokens(session, abandon, platform.new_id)

    return Renewal(platform, intake, rename, ("registry.persons",), consumers.TOPICS)
