"""Targets as rows and as the contract has them."""

from contracts.events.treatment import Target
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.target.corrected.v1"
VOIDED = "treatment.target.voided.v1"


def milestones(row: Row) -> list[Milestone]:
    """A target holds from the first day of its period."""
    return [Milestone("treatment.target.assigned.v1", row.date("period_from"))]


def snapshot(row: Row, _: Subject) -> Target:
    """The number assigned."""
    return Target(
        figure=row.text("figure"),
        area=row.area("area_code"),
        period_from=row.date("period_from"),
        period_to=row.date("period_to"),
        value=row.decimal("value"),
    )
