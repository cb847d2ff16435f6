"""What an amendment moves: last days for handing in, by which a register is in time or late. No number of a figure changes.

Who confirms an amendment has seen this list: its digest comes with the confirmation, and another one is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from reference import DayChange, MovedDay, listed_days_off, moved_days
from services.reporting.amendments.domain import changes_nothing


@dataclass(frozen=True, slots=True)
class Moving:
    """The last days that an amendment moves; ``seen`` is the list's digest; ``nothing``: it changes no day at all."""

    moved: tuple[MovedDay, ...]
    seen: str
    nothing: bool


def moving(change: DayChange, confirmed: Sequence[DayChange]) -> Moving:
    """Return what a change moves that would be confirmed after these."""
    before = listed_days_off().changed(confirmed)
    after = listed_days_off().changed([*confirmed, change])
    moved = tuple(moved_days(before, after, change.first, change.last))
    return Moving(moved, _digest(moved), changes_nothing(change, before, after))


def _digest(moved: Sequence[MovedDay]) -> str:
    lines = (
        f"{one.period.calendar} {one.period.code} {one.level} {one.before} {one.after}\n" for one in moved
    )
    return sha256("".join(lines).encode()).hexdigest()
