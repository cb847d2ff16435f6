"""What units say of their registers, day by day: whether a span of days is declared. Pure.

A statement is about a period of some calendar; the question may be about another. So statements are compared by the days
that they cover: twelve months declared one by one are the year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Said = Literal["complete", "nil"]
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that stands: of which days (both in it), what it says, and on which day it was received.

    ``rows_after`` are the records that speak against it: of a statement of nothing all records of its days, of a complete
    register those that came afterwards. ``written_on`` is when the unit says that it wrote it down; it decides nothing.
    """

    first: date
    last: date
    says: Said
    on: date
    rows_after: int = 0
    written_on: date | None = None

    @property
    def contradicted(self) -> bool:
        """Return whether it says that nothing happened, and something did."""
        return self.says == "nil" and self.rows_after > 0

    def overlaps(self, first: date, last: date) -> bool:
        """Return whether it is about any of the days."""
        return self.first <= last and first <= self.last


@dataclass(frozen=True, slots=True)
class Declared:
    """A span of days that is declared as a whole: ``nil`` where every statement is; ``on``: the day since when it is.

    ``written_on``: the last day on which the units say that they wrote it down; None where they say none.
    """

    says: Said
    on: date
    written_on: date | None = None


def declared(statements: Iterable[Statement], first: date, last: date) -> Declared | None:
    """Return what is declared of the days from ``first`` to ``last``; None where a day of them is not.

    A contradicted statement declares nothing. The order of the statements does not matter.

    Example: October complete, received on 3 November, and November nil, on 2 December: both months together are
    complete since 2 December.
    """
    usable = [one for one in statements if not one.contradicted and one.overlaps(first, last)]
    # The first day on which everything was covered: who states the same days again later is not late by it.
    for day in sorted({one.on for one in usable}):
        until_then = [one for one in usable if one.on <= day]
        if _covers(until_then, first, last):
            nothing = all(one.says == "nil" for one in until_then)
            written = max((one.written_on for one in until_then if one.written_on is not None), default=None)
            return Declared("nil" if nothing else "complete", day, written)
    return None


def _covers(statements: Sequence[Statement], first: date, last: date) -> bool:
    """Return whether every day from ``first`` to ``last`` is one of a statement's."""
    reached = first
    for one in sorted(statements, key=lambda each: each.first):
        if one.first > reached:
            return False
        reached = max(reached, one.last + _ONE_DAY)
        if reached > last:
            return True
    return False
