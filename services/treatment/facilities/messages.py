"""Facilities as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.treatment import Facility
from services.registers import Milestone, Row, Subject

CORRECTED = "treatment.facility.corrected.v1"
VOIDED = "treatment.facility.voided.v1"
_END = frozenset({"valid_to"})
_Does = Literal["determination", "methadone", "dispensing", "detox"]


def milestones(row: Row) -> list[Milestone]:
    """The listing, and its end where there is one."""
    found = [Milestone("treatment.facility.listed.v1", row.date("valid_from"))]
    valid_to = row.opt_date("valid_to")
    if valid_to is not None:
        found.append(Milestone("treatment.facility.closed.v1", valid_to, columns=_END))
    return found


def snapshot(row: Row, _: Subject) -> Facility:
    """The facility during this validity."""
    return Facility(
        facility=row.text("facility_code"),
        name=row.text("name"),
        level=cast(Literal["province", "district", "commune"] | None, row.opt_code("level")),
        commune=row.area("commune_code"),
        does=cast(tuple[_Does, ...], row.codes("does")),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )
