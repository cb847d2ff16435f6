"""The composition root of registry: the only place that puts its parts together."""

from contracts.topics import TOPICS, owned_by
from services.chassis.audit.tables import AUDIT
from services.chassis.http.audit import audit_key
from services.chassis.kafka.consuming import Consumer
from services.chassis.persistence import CHASSIS, merged
from services.chassis.platform import Platform
from services.chassis.service import ServiceApp
from services.matching.http import matching_router
from services.registers import Intake
from services.registers.http import intake_router
from services.registers.keys_http import keys_router
from services.registers.submissions import submissions_of
from services.registers.tables import RECORDS
from services.registry import consumers
from services.registry.index import http as persons
from services.registry.index.tables import PERSON_INDEX, find_records_by_person
from services.registry.registers import REGISTERS


def compose(platform: Platform) -> ServiceApp:
    """Return the routes, topics and consumers of the service.

    The person index reads the events of the other services; the register works without them.
    """
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
            matching_router(intake),
            persons.router(),
            keys_router(intake),
            submission_key,
        ],
        topics=owned_by("registry"),
        consumers=[index, *submissions],
        audited=True,
        audit_key=audit_key(platform),
        tables=find_records_by_person(merged(CHASSIS, AUDIT, RECORDS, PERSON_INDEX)),
    )
