"""The form ``arrests``: persons arrested, and what became of each arrest."""

from typing import Literal, cast

from contracts.events.incidents import Arrest
from contracts.forms import FORMS
from services.registers import Milestone, Register, Row, Subject

DECIDED = frozenset({"prosecuted", "administrative", "released"})
_OUTCOME = frozenset({"outcome"})
_Outcome = Literal["prosecuted", "administrative", "released", "pending"]


def is_decided(outcome: str | None) -> bool:
    """Return whether the outcome is decided: it is neither blank nor ``pending``."""
    return outcome in DECIDED


def milestones(row: Row) -> list[Milestone]:
    """Return the arrest, and its outcome once decided; the form has no day for that, so it has the arrest's."""
    arrested_on = row.date("arrested_on")
    found = [Milestone("incidents.arrest.made.v1", arrested_on)]
    if is_decided(row.opt_code("outcome")):
        found.append(Milestone("incidents.arrest.outcome_decided.v1", arrested_on, columns=_OUTCOME))
    return found


def snapshot(row: Row, subject: Subject) -> Arrest:
    """Return the arrest as the bus may know it."""
    return Arrest(
        person=subject.who,
        commune=row.area("commune_code"),
        case=row.text("case_no"),
        arrested_on=row.date("arrested_on"),
        outcome=cast(_Outcome | None, row.opt_code("outcome")),
    )


REGISTER = Register(
    form=FORMS["arrests"],
    milestones=milestones,
    data=snapshot,
    corrected="incidents.arrest.corrected.v1",
    voided="incidents.arrest.voided.v1",
    moving=_OUTCOME,
)
