"""Ages without birth dates: all later bands follow from the day on which the next one begins."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from contracts.events.common import PersonKeys
from reference import age_bands, birthday, is_leap_day
from services.reporting.facts.projections.model import Version

_THIRTY = 30
# From the day on which a band begins, and from that on which it ends, to the thirtieth birthday.
_YEARS_LEFT = {
    band.band: (_THIRTY - band.from_age, _THIRTY - band.below_age)
    for band in age_bands()
    if band.below_age is not None
}


class Age(NamedTuple):
    """``thirtieth``: the thirtieth birthday, None where all that is known is "30 or over".

    ``leap_day``: born on 29 February, so that birthdays of leap years come a day before the thirtieth's.
    """

    thirtieth: date | None = None
    leap_day: bool = False


UNKNOWN = Age()


def age_of(version: Version, earlier: Sequence[Version]) -> Age:
    """Return the age of the person of a version.

    An event about a person of 30 or over does not say since when. An earlier version of the same record with the
    same linkage keys is about the same birth date, so what it says still holds.
    """
    person: PersonKeys = version.data.person
    if person.age_band_until is not None:
        return _of_band(person, person.age_band_until, version.occurred_on)
    for other in reversed(earlier):
        said: PersonKeys | None = None if other.data is None else other.data.person
        # Other linkage keys may mean another birth date: the earlier version says nothing about it then.
        if said is not None and said.age_band_until is not None and said.keys == person.keys:
            return _of_band(said, said.age_band_until, other.occurred_on)
    return UNKNOWN


def _of_band(person: PersonKeys, until: date, on: date) -> Age:
    from_begin, from_end = _YEARS_LEFT[person.age_band]
    thirtieth = birthday(until, from_end)
    # Who is in a band on 29 February that would begin the day after was born on one.
    begun_early = is_leap_day(on) and birthday(thirtieth, -from_begin) - on == timedelta(days=1)
    return Age(thirtieth, bool(person.leap_day) or is_leap_day(until) or begun_early)
