"""Declarations as rows and as the contract has them."""

from contracts.events.reporting import Declaration
from services.registers import Milestone, Row, Subject

CORRECTED = "reporting.figure.corrected.v1"
VOIDED = "reporting.figure.voided.v1"


def milestones(row: Row) -> list[Milestone]:
    """A figure is declared once, on the day that the agency says, else for the last day that it is about."""
    day = row.opt_date("declared_on") or row.opt_date("as_of") or row.date("period_to")
    return [Milestone("reporting.figure.declared.v1", day)]


def snapshot(row: Row, _: Subject) -> Declaration:
    """The number declared."""
    return Declaration(
        agency=row.text("agency"),
        figure=row.text("figure"),
        area=row.area("area_code"),
        as_of=row.opt_date("as_of"),
        period_from=row.opt_date("period_from"),
        period_to=row.opt_date("period_to"),
        value=row.decimal("value"),
        declared_on=row.opt_date("declared_on"),
        source=row.opt_text("source"),
    )
