"""Doses as rows and as the contract has them: neither whose nor how much leaves the service."""

from typing import Literal, cast

from contracts.events.treatment import Dose
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.dose.corrected.v1"
VOIDED = "treatment.dose.voided.v1"


def milestones(row: Row) -> list[Milestone]:
    """A row is one dose."""
    return [Milestone("treatment.dose.dosed.v1", row.date("dosed_on"))]


def snapshot(row: Row, _: Subject) -> Dose:
    """That a dose was given, where and when."""
    return Dose(
        facility=row.text("facility_code"),
        dosed_on=row.date("dosed_on"),
        kind=cast(Literal["observed", "take_home"], row.code("kind")),
    )
