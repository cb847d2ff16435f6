"""Choose which of an agency's declarations a question means: one for the same dates, else the nearest in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared number for a day (``first`` None) or a period.

    ``cut_off`` is the instant of record time until which its agency could know records. ``record_id`` is None where the
    number was not handed in as a row of the form.
    """

    agency: str | None
    figure: str
    area: str
    day: date
    first: date | None
    value: Decimal
    declared_on: date | None
    cut_off: datetime
    source: str | None
    unit: str | None
    record_id: str | None
    known_from: datetime | None = None

    def same_dates(self, day: date, first: date | None) -> bool:
        """Return whether the number is about exactly these dates."""
        return (self.day, self.first) == (day, first)


def distance(declared: Declared, day: date, first: date | None) -> int:
    """Return how many days lie between the dates of a declaration and those asked; for periods at both ends together."""
    days = abs((declared.day - day).days)
    if first is not None and declared.first is not None:
        days += abs((declared.first - first).days)
    return days


def choose(declarations: Sequence[Declared], day: date, first: date | None) -> list[Declared]:
    """Return the declarations in order, the one meant first: nearest in time, then declared last, then recorded last.

    Where all of these are equal, the id of the record decides, so that the order is always the same.
    """

    def rank(declared: Declared) -> tuple[int, int, float, str]:
        declared_on = (declared.declared_on or declared.day).toordinal()
        known = 0.0 if declared.known_from is None else declared.known_from.timestamp()
        return distance(declared, day, first), -declared_on, -known, declared.record_id or ""

    return sorted(declarations, key=rank)
