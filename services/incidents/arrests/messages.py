"""Arrests as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.incidents import Arrest
from services.incidents.arrests.domain import is_decided
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.arrest.corrected.v1"
VOIDED = "incidents.arrest.voided.v1"
OUTCOME = frozenset({"outcome"})
_Outcome = Literal["prosecuted", "administrative", "released", "pending"]


def milestones(row: Row) -> list[Milestone]:
    """The arrest, and that its outcome is decided. The register has no day for that: it is told by the arrest's."""
    arrested_on = row.date("arrested_on")
    found = [Milestone("incidents.arrest.made.v1", arrested_on)]
    if is_decided(row.opt_code("outcome")):
        found.append(Milestone("incidents.arrest.outcome_decided.v1", arrested_on, columns=OUTCOME))
    return found


def snapshot(row: Row, subject: Subject) -> Arrest:
    """The arrest as the bus may know it."""
    return Arrest(
        person=subject.who,
        commune=row.area("commune_code"),
        case=row.text("case_no"),
        arrested_on=row.date("arrested_on"),
        outcome=cast(_Outcome | None, row.opt_code("outcome")),
    )
