"""A person's timeline: what a row means next to the other rows of the same number (`docs/forms/registry.md`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Number = tuple[str, str]
"""(unit, record_no): one person within a unit."""

EntryKind = Literal["registered", "status_changed", "presence_changed"]


@dataclass(frozen=True, slots=True)
class Statement:
    """The fields of a timeline's row that decide what it means next to the other rows."""

    status: str
    status_from: date
    presence: str | None = None
    removed_on: date | None = None


def entry_kind(row: Statement, others: Iterable[Statement]) -> EntryKind:
    """Return what the entry of a row reports, by the row that comes before it in time.

    ``registered`` where none comes before, or where the person had been removed by then and enters again;
    ``presence_changed`` where the status is the same and the row states another presence; else
    ``status_changed``, also for a row that states the same status anew (another residence, decision or flag).
    """
    earlier = [other for other in others if other.status_from < row.status_from]
    if not earlier:
        return "registered"
    before = max(earlier, key=lambda other: other.status_from)
    # A person who was removed and comes back counts as a new entry in the figures, not as a change of status.
    if before.removed_on is not None and before.removed_on <= row.status_from:
        return "registered"
    moved = row.presence is not None and row.presence != before.presence
    return "presence_changed" if moved and row.status == before.status else "status_changed"


def presence_since(presence: str | None, presence_from: date | None, status_from: date) -> date | None:
    """Return the day from which the row's presence holds: its own, by default the row's; None where it states none."""
    return None if presence is None else presence_from or status_from


def before_birth(day: date, birth: date | int) -> bool:
    """Return whether a day lies before a birth date, or before the year of birth where that alone is known."""
    return day.year < birth if isinstance(birth, int) else day < birth
