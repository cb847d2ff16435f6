"""The form ``facilities``: which facilities there are, where, and what each of them does."""

from typing import Literal, cast

from contracts.events.treatment import Facility
from contracts.forms import FORMS
from services.registers import Aim, Dated, Register, Row, Subject, by_dates

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
    aim=aim,
)
