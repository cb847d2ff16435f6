"""The form ``clinicians``: who may conclude determinations, and where. The name stays in this service."""

from collections.abc import Iterator
from typing import Literal, cast

from contracts.events.treatment import Clinician
from contracts.forms import FORMS
from services.registers import Aim, CellFault, Dated, Register, Row, Subject, by_dates
from services.treatment.directory.domain import Directory


def snapshot(row: Row, _: Subject) -> Clinician:
    """Return what the bus may know: that somebody may conclude determinations at a facility."""
    basis = cast(Literal["psychiatrist", "certificate", "assistant"] | None, row.opt_code("basis"))
    # Without the name: figures need to know that somebody may conclude, not who.
    return Clinician(
        clinician=row.text("clinician_no"),
        facility=row.text("facility_code"),
        basis=basis,
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )


def number_is_its_own(row: Row, directory: Directory) -> Iterator[CellFault]:
    """Yield a fault where the number is on another agency's list, whose row would end where this one begins."""
    if row.number in directory.anothers:
        yield row.fault("clinician_no", "listed_by_another")


def aim(row: Row) -> Aim:
    """Return the facility: clinicians of detox centres are listed by the department that lists those."""
    return Aim(facility=row.opt_text("facility_code"))


REGISTER = Register(
    form=FORMS["clinicians"],
    milestones=by_dates(
        Dated("treatment.clinician.certified.v1", "valid_from"),
        Dated("treatment.clinician.ended.v1", "valid_to"),
    ),
    data=snapshot,
    corrected="treatment.clinician.corrected.v1",
    voided="treatment.clinician.voided.v1",
    rules=(number_is_its_own,),
    aim=aim,
)
