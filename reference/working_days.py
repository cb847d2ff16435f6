"""Days on which state bodies work, as data (``days-off.csv``): weekly days off, holidays, and days worked in exchange.

Holidays are announced year by year; of a year that is not in the file only the weekly days off are known.
"""

from datetime import date, timedelta
from functools import lru_cache

from reference.tables import national_table

_ONE_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Return whether state bodies work on the day."""
    weekly, off, worked = _days()
    return day in worked or not (day.isoweekday() in weekly or day in off)


def on_working_day(day: date) -> date:
    """Return the day, or the next working day where it is a day off (Civil Code 2015, Article 148, clause 5).

    Example: a last day that is Saturday, 16 September 2023, is Monday, 18 September 2023.
    """
    while not is_working_day(day):
        day += _ONE_DAY
    return day


@lru_cache(maxsize=1)
def _days() -> tuple[frozenset[int], frozenset[date], frozenset[date]]:
    weekly: set[int] = set()
    named: dict[str, set[date]] = {"off": set(), "worked": set()}
    for row in national_table("days-off.csv"):
        if row["kind"] == "weekly":
            weekly |= set(range(int(row["first"]), int(row["last"]) + 1))
            continue
        day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        while day <= last:
            named[row["kind"]].add(day)
            day += _ONE_DAY
    return frozenset(weekly), frozenset(named["off"]), frozenset(named["worked"])
