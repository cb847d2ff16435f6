"""Days on which state bodies work: weekly days off, holidays, and days worked in exchange.

They are data (``days-off.csv``), announced year by year; of a year that is not in the file only the weekly days off are known.
A province may change them while the system runs: `DaysOff.changed` is what then holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from reference.tables import national_table

DayKind = Literal["off", "worked", "listed"]
"""What days become: days off, days worked, or what the file says of them."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayChange:
    """Days that became days off or days worked, or what the file says again; ``first`` and ``last`` are both in it."""

    kind: DayKind
    first: date
    last: date

    @property
    def days(self) -> frozenset[date]:
        """Return the days."""
        return frozenset(_days(self.first, self.last))


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Which days are off: days of the week (ISO, Monday is 1), single days off, and single days worked all the same."""

    weekly: frozenset[int]
    off: frozenset[date]
    worked: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """Return whether state bodies work on the day."""
        return day in self.worked or not (day.isoweekday() in self.weekly or day in self.off)

    def on_working_day(self, day: date) -> date:
        """Return the day, or the next working day where it is a day off (Civil Code 2015, Article 148, clause 5).

        Example: a last day that is Saturday, 16 September 2023, is Monday, 18 September 2023.
        """
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def changed(self, changes: Iterable[DayChange]) -> "DaysOff":
        """Return the days off after the changes, in their order: of a day the last one counts."""
        found = self
        for change in changes:
            off, worked = found.off - change.days, found.worked - change.days
            if change.kind == "off":
                off |= change.days
            elif change.kind == "worked":
                worked |= change.days
            else:
                off, worked = off | (self.off & change.days), worked | (self.worked & change.days)
            found = replace(found, off=off, worked=worked)
        return found


@lru_cache(maxsize=1)
def listed_days_off() -> DaysOff:
    """Return the days off of the file."""
    weekly: set[int] = set()
    named: dict[str, set[date]] = {"off": set(), "worked": set()}
    for row in national_table("days-off.csv"):
        if row["kind"] == "weekly":
            weekly |= set(range(int(row["first"]), int(row["last"]) + 1))
            continue
        named[row["kind"]].update(_days(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])))
    return DaysOff(frozenset(weekly), frozenset(named["off"]), frozenset(named["worked"]))


def _days(first: date, last: date) -> list[date]:
    return [first + _ONE_DAY * number for number in range((last - first).days + 1)]
