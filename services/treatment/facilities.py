"""The form ``facilities``: which facilities there are, where, and what each of them does."""

from collections.abc import Iterator
from typing import Literal, cast

from contracts.events.treatment import Facility
from contracts.forms import FORMS
from services.registers import Aim, CellFault, Dated, Register, Row, Subject, by_dates
from services.treatment.directory.domain import Directory

_Does = Literal["determination", "methadone", "dispensing", "detox"]


def snapshot(row: Row, _: Subject) -> Facility:
    """Return the facility during this validity."""
    return Facility(
        facility=row.text("facility_code"),
        name=row.text("name"),
        level=cast(Literal["province", "district", "commune"] | None, row.opt_code("level")),
        commune=row.area("commune_code"),
        does=cast(tuple[_Does, ...], row.codes("does")),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )


def code_is_its_own(row: Row, directory: Directory) -> Iterator[CellFault]:
    """Yield a fault where the code is that of an area's unit, or on another agency's list.

    An area's unit would become a facility of whoever lists it, with its rows; another agency's facility would end where
    the row begins.
    """
    if ":" in (row.opt_text("facility_code") or ""):
        yield row.fault("facility_code", "facility_code_of_office")
    if row.number in directory.anothers:
        yield row.fault("facility_code", "listed_by_another")


def aim(row: Row) -> Aim:
    """Return what the facility does: detox centres are listed by another department."""
    return Aim(variants=None if row.void else frozenset(row.codes("does")))


REGISTER = Register(
    form=FORMS["facilities"],
    milestones=by_dates(
        Dated("treatment.facility.listed.v1", "valid_from"),
        Dated("treatment.facility.closed.v1", "valid_to"),
    ),
    data=snapshot,
    corrected="treatment.facility.corrected.v1",
    voided="treatment.facility.voided.v1",
    rules=(code_is_its_own,),
    aim=aim,
)
