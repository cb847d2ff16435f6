"""Clinicians as rows and as the contract has them: the name stays here."""

from typing import Literal, cast

from contracts.events.treatment import Clinician
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.clinician.corrected.v1"
VOIDED = "treatment.clinician.voided.v1"
_END = frozenset({"valid_to"})


def milestones(row: Row) -> list[Milestone]:
    """The certification, and its end where there is one."""
    found = [Milestone("treatment.clinician.certified.v1", row.date("valid_from"))]
    valid_to = row.opt_date("valid_to")
    if valid_to is not None:
        found.append(Milestone("treatment.clinician.ended.v1", valid_to, columns=_END))
    return found


def snapshot(row: Row, _: Subject) -> Clinician:
    """That somebody may conclude determinations at a facility."""
    basis = cast(Literal["psychiatrist", "certificate", "assistant"] | None, row.opt_code("basis"))
    return Clinician(
        clinician=row.text("clinician_no"),
        facility=row.text("facility_code"),
        basis=basis,
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )
