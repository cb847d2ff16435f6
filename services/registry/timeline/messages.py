"""Between rows of the register and the contract: the snapshot that travels and the milestones that it reports."""

from typing import cast

from contracts.events.registry import Presence, RegisterRow, Status
from services.registers import Milestone, Row, Subject
from services.registry.timeline.context import current_entries
from services.registry.timeline.domain.timeline import presence_since

_PREFIX = "registry.record."
CORRECTED = f"{_PREFIX}corrected.v1"
VOIDED = f"{_PREFIX}voided.v1"
_REMOVED = frozenset({"removed_on", "removal_reason"})


def milestones(row: Row) -> list[Milestone]:
    """The row's entry, named by what it changes in the timeline, and the removal where there is one."""
    found = [Milestone(f"{_PREFIX}{current_entries().kind(row)}.v1", row.date("status_from"))]
    removed_on = row.opt_date("removed_on")
    if removed_on is not None:
        found.append(Milestone(f"{_PREFIX}removed.v1", removed_on, columns=_REMOVED))
    return found


def snapshot(row: Row, subject: Subject) -> RegisterRow:
    """The row as the bus may know it.

    Neither the number of the decision nor the reason of the removal travels: the one names a file, the other is
    free text in which names occur. Whether there is a decision does.
    """
    presence = row.opt_code("presence")
    psychosis = row.flag("psychosis")
    return RegisterRow(
        person=subject.who,
        commune=row.area("commune_code"),
        status=cast(Status, row.code("status")),
        status_from=row.date("status_from"),
        status_to=row.opt_date("status_to"),
        has_decision=row.has("decision_no"),
        decision_date=row.opt_date("decision_date"),
        presence=cast(Presence | None, presence),
        presence_from=presence_since(presence, row.opt_date("presence_from"), row.date("status_from")),
        psychosis=psychosis,
        psychosis_from=row.opt_date("psychosis_from") if psychosis else None,
        removed_on=row.opt_date("removed_on"),
    )
