"""The form ``conflicts``: community conflicts (mâu thuẫn trong nhân dân) and how far each one is settled."""

from datetime import date
from typing import Literal, cast

from contracts.events.incidents import Conflict
from contracts.forms import FORMS
from services.registers import Milestone, Register, Row, Subject

IN_PROGRESS = "in_progress"
_MOVING = frozenset({"status", "status_on"})
_STATUS = _MOVING | {"outcome"}
_Cause = Literal["land", "daily_life", "economic", "love", "family", "rights", "other"]
_Status = Literal["in_progress", "resolved_unstable", "resolved_stable"]


def status_since(status: str, status_on: date | None, detected_on: date) -> date | None:
    """Return the day from which a status other than `in_progress` holds (blank = detection); None for that one."""
    return None if status == IN_PROGRESS else status_on or detected_on


def milestones(row: Row) -> list[Milestone]:
    """Return the detection, and the status reached since."""
    detected_on = row.date("detected_on")
    found = [Milestone("incidents.conflict.detected.v1", detected_on)]
    since = status_since(row.code("status"), row.opt_date("status_on"), detected_on)
    if since is not None:
        found.append(Milestone("incidents.conflict.status_changed.v1", since, columns=_STATUS))
    return found


def snapshot(row: Row, _: Subject) -> Conflict:
    """Return the conflict."""
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


REGISTER = Register(
    form=FORMS["conflicts"],
    milestones=milestones,
    data=snapshot,
    corrected="incidents.conflict.corrected.v1",
    voided="incidents.conflict.voided.v1",
    # From unstable to stable is how a conflict gets settled, not a correction of what was written before.
    moving=_MOVING,
)
