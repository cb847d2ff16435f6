"""Ages without birth dates: an event says the age band and the day on which the band ends.

That day gives the thirtieth birthday, from which the age band on every other day follows.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from contracts.events.common import PersonKeys
from reference import age_bands, birthday, is_leap_day
from services.reporting.facts.projections.model import Version

_THIRTY = 30
# For each age band: the years from its first day to the thirtieth birthday, and the years from its end to it.
_YEARS_LEFT = {
    band.band: (_THIRTY - band.from_age, _THIRTY - band.below_age)
    for band in age_bands()
    if band.below_age is not None
}


class Age(NamedTuple):
    """The age of a person, without the birth date.

    ``thirtieth`` is the thirtieth birthday, None where only "30 or over" is known. ``leap_day`` says that the person was
    born on 29 February. No leap year is 30 years after another one, so the thirtieth birthday is then 1 March, while in
    leap years the birthday is a day earlier.
    """

    thirtieth: date | None = None
    leap_day: bool = False


UNKNOWN = Age()


def age_of(version: Version, earlier: Sequence[Version]) -> Age:
    """Return the age of the person whom a version is about.

    An event about a person of 30 or over does not say the thirtieth birthday. An earlier version of the same record with
    the same linkage keys is about the same birth date, so its thirtieth birthday is used.
    """
    person: PersonKeys = version.data.person
    if person.age_band_until is not None:
        return _of_band(person, person.age_band_until, version.occurred_on)
    for other in reversed(earlier):
        said: PersonKeys | None = None if other.data is None else other.data.person
        # Other linkage keys may mean another birth date; then the earlier version must not be used.
        if said is not None and said.age_band_until is not None and said.keys == person.keys:
            return _of_band(said, said.age_band_until, other.occurred_on)
    return UNKNOWN


def _of_band(person: PersonKeys, until: date, on: date) -> Age:
    from_begin, from_end = _YEARS_LEFT[person.age_band]
    thirtieth = birthday(until, from_end)
    # On 29 February this person is in a band that would begin on 1 March: so the person was born on 29 February.
    begun_early = is_leap_day(on) and birthday(thirtieth, -from_begin) - on == timedelta(days=1)
    return Age(thirtieth, bool(person.leap_day) or is_leap_day(until) or begun_early)
