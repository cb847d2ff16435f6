"""Ages without birth dates: all later bands follow from the day on which the next one begins."""

from collections.abc import Sequence
from datetime import date

from contracts.events.common import PersonKeys
from services.reporting.projections.model import Version

# From the day on which the band ends to the person's thirtieth birthday, in years.
_YEARS_TO_THIRTY = {"0-13": 16, "14-15": 14, "16-17": 12, "18-29": 0}


def thirtieth(version: Version, earlier: Sequence[Version]) -> date | None:
    """The day on which the person of a version turns 30; None where all that is known is "30 or over".

    An event about a person of 30 or over does not say since when. An earlier version of the same record with the
    same linkage keys is about the same birth date, so what it says still holds.
    """
    person: PersonKeys = version.data.person
    found = _from_band(person)
    if found is not None:
        return found
    for other in reversed(earlier):
        if other.data is not None and other.data.person.keys == person.keys:
            found = _from_band(other.data.person)
            if found is not None:
                return found
    return None


def _from_band(person: PersonKeys) -> date | None:
    until = person.age_band_until
    if until is None:
        return None
    year = until.year + _YEARS_TO_THIRTY.get(person.age_band, 0)
    return until.replace(year=year) if (until.month, until.day) != (2, 29) else _leap_day(year)


def _leap_day(year: int) -> date:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 29) if leap else date(year, 3, 1)
