"""Conflicts as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.incidents import Conflict
from services.incidents.conflicts.domain import status_since
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.conflict.corrected.v1"
VOIDED = "incidents.conflict.voided.v1"
MOVING = frozenset({"status", "status_on"})
_STATUS = MOVING | {"outcome"}
_Cause = Literal["land", "daily_life", "economic", "love", "family", "rights", "other"]
_Status = Literal["in_progress", "resolved_unstable", "resolved_stable"]


def milestones(row: Row) -> list[Milestone]:
    """Detection, and the status reached since."""
    detected_on = row.date("detected_on")
    found = [Milestone("incidents.conflict.detected.v1", detected_on)]
    since = status_since(row.code("status"), row.opt_date("status_on"), detected_on)
    if since is not None:
        found.append(Milestone("incidents.conflict.status_changed.v1", since, columns=_STATUS))
    return found


def snapshot(row: Row, _: Subject) -> Conflict:
    """The conflict."""
    return Conflict(
        commune=row.area("commune_code"),
        detected_on=row.date("detected_on"),
        level=row.integer("level"),
        cause=cast(_Cause, row.code("cause")),
        parties=row.integer("parties"),
        status=cast(_Status, row.code("status")),
        status_on=row.opt_date("status_on"),
        outcome=cast(Literal["mediated", "administrative", "criminal"] | None, row.opt_code("outcome")),
        prolonged=row.flag("prolonged"),
    )
