"""The composition root of treatment: the only place that puts its parts together."""

from contracts.topics import owned_by
from services.chassis.audit.tables import AUDIT
from services.chassis.http.audit import audit_key
from services.chassis.persistence import CHASSIS, merged
from services.chassis.platform import Platform
from services.chassis.security import FieldCipher
from services.chassis.service import ServiceApp
from services.marks import MARKS, Notes
from services.matching.http import matching_router
from services.matching.marks_http import match_marks_router
from services.registers.days_off import days_off_consumer
from services.registers.drafts import Drafts
from services.registers.duties import duties_router
from services.registers.engine import Intake
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
from services.treatment.directory.offers import offers_on
from services.treatment.directory.repository import facility_units, units_of
from services.treatment.duties import BOOK as DUTIES
from services.treatment.registers import REGISTERS

TABLES = find_records_by_person(
    merged(CHASSIS, AUDIT, RECORDS, DESK, MARKS),
    few=True,
)
"""All tables of the service's database, as they are declared."""


def compose(platform: Platform) -> ServiceApp:
    """Return the routes, topics and consumers of the service. It works without any other service."""
    notes, drafts = Notes(FieldCipher.of(platform.settings)), Drafts(platform.cipher)
    previews = Previews(platform.cipher)
    intake = Intake.of(platform, REGISTERS, units_of)
    submission_key, submissions = submissions_of(platform, intake)
    return ServiceApp(
        "services.treatment",
        routers=[
            intake_router(intake, facility_units),
            search_router(intake),
            records_router(intake),
            duties_router(intake, DUTIES),
            withdrawals_router(intake),
            matching_router(intake, notes),
            match_marks_router(intake, notes),
            statements_router(platform, intake),
            keys_router(intake, [notes, drafts, previews, WithdrawalNotes(intake.vault)]),
            renewal_router(Renewal(platform, intake)),
            submission_key,
        ],
        pages=[desk_router(platform, intake, drafts, previews, DUTIES, offers_on)],
        topics=owned_by("treatment"),
        consumers=[*submissions, days_off_consumer(platform)],
        api_background=[filling(platform, intake), forgetting(platform, previews)],
        audited=True,
        audit_key=audit_key(platform),
        tables=TABLES,
    )
