"""Age bands of persons, and the reading chosen where the national list is ambiguous. The list is data (`age-bands.csv`).

Ages are completed years on the day: a person enters a band on the birthday itself. Who was born on 29 February turns a
year older on 29 February in leap years and on 1 March in others. Of the bands' borders only age 16 falls on a leap year
after such a birth.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal, cast, get_args

from reference.tables import national_table

BandName = Literal["0-13", "14-15", "16-17", "18-29", "30+"]


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Ages from ``from_age`` up to, not including, ``below_age`` (None = no upper end), in completed years."""

    band: BandName
    from_age: int
    below_age: int | None
    reading: str
    reason: str
    basis: str


def birthday(born: date, age: int) -> date:
    """Return the day on which somebody completes so many years."""
    year = born.year + age
    return date(year, 3, 1) if is_leap_day(born) and not isleap(year) else born.replace(year=year)


def is_leap_day(day: date) -> bool:
    """Return whether the day is a 29 February."""
    return (day.month, day.day) == (2, 29)


@lru_cache(maxsize=1)
def age_bands() -> tuple[AgeBand, ...]:
    """Return the bands, youngest first; each begins where the one before it ends."""
    found = tuple(
        AgeBand(
            cast(BandName, row["band"]),
            int(row["from_age"]),
            int(row["below_age"]) if row["below_age"] else None,
            row["reading"],
            row["reason"],
            row["basis"],
        )
        for row in national_table("age-bands.csv")
    )
    # The names of the bands are in stored events: a band renamed in the list would no longer match them.
    if tuple(band.band for band in found) != get_args(BandName):
        raise ValueError("age-bands.csv: not the bands that events name")
    # A person whose age lies in a gap would be in no band, in an overlap in two, and the bands no longer add up.
    if any(lower.below_age != upper.from_age for lower, upper in pairwise(found)):
        raise ValueError("age-bands.csv: the bands overlap or leave a gap")
    return found


def stands_for_a_year(born: date) -> bool:
    """Return whether the day is one that offices write where only the year of birth is known (`stand-in-birthdays.csv`).

    Example:
        1 January 1985 does; 2 January 1985 does not.
    """
    return f"{born:%m-%d}" in _stand_ins()


@lru_cache(maxsize=1)
def _stand_ins() -> frozenset[str]:
    return frozenset(row["day"] for row in national_table("stand-in-birthdays.csv"))
