"""Watched places as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.incidents import Place
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.place.corrected.v1"
VOIDED = "incidents.place.voided.v1"
_END = frozenset({"valid_to", "end_reason"})
_Kind = Literal["conditional_business", "disguised_business", "lodging", "hot_spot", "other"]


def milestones(row: Row) -> list[Milestone]:
    """The first day of the watch, and its end where there is one."""
    found = [Milestone("incidents.place.watched.v1", row.date("valid_from"))]
    valid_to = row.opt_date("valid_to")
    if valid_to is not None:
        found.append(Milestone("incidents.place.ended.v1", valid_to, columns=_END))
    return found


def snapshot(row: Row, _: Subject) -> Place:
    """The place during this validity."""
    reason = cast(Literal["eliminated", "closed", "moved", "error"] | None, row.opt_code("end_reason"))
    return Place(
        place=row.text("place_no"),
        commune=row.area("commune_code"),
        kind=cast(_Kind, row.code("kind")),
        at_risk=row.flag("at_risk"),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
        end_reason=reason,
    )
