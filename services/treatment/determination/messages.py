"""Slips as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.treatment import Slip
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.determination.corrected.v1"
VOIDED = "treatment.determination.voided.v1"


def milestones(row: Row) -> list[Milestone]:
    """A slip reports its conclusion."""
    return [Milestone("treatment.determination.concluded.v1", row.date("concluded_on"))]


def snapshot(row: Row, subject: Subject) -> Slip:
    """What of a slip may leave the facility."""
    return Slip(
        person=subject.who,
        commune=row.area("commune_code"),
        facility=row.text("facility_code"),
        clinician=row.text("clinician_no"),
        requested_on=row.date("requested_on"),
        observation_from=row.opt_date("observation_from"),
        observation_to=row.opt_date("observation_to"),
        concluded_on=row.date("concluded_on"),
        conclusion=cast(Literal["addicted", "not_addicted"], row.code("conclusion")),
        criteria_met=row.opt_integer("criteria_met"),
        substances=row.texts("substances"),
    )
