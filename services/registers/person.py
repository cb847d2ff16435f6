"""Persons as the bus may know them: age band and linkage keys instead of birth date, name and number."""

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.events.common import LinkageKeys as Keys
from contracts.events.common import PersonKeys
from reference import BandName, age_bands, birthday, is_leap_day
from services.registers.cells import Birth
from services.registers.row import Row


def age_band(birth: Birth, on: date) -> tuple[BandName, date | None]:
    """Return the age band on a day in completed years, and the day on which the next one begins (None in the last).

    A year alone counts as born on 31 December of that year (Criminal Procedure Code, Art. 417: doubt favours the
    younger).
    """
    for band in age_bands():
        ends = None if band.below_age is None else birthday(_born(birth), band.below_age)
        if ends is None or on < ends:
            return band.band, ends
    raise ValueError("age-bands.csv: the last band has an end")


def leap_day(birth: Birth, on: date) -> Literal[True] | None:
    """Return True where a later band begins on a 29 February and the end of the band on the day does not show it."""
    born, (_, ends) = _born(birth), age_band(birth, on)
    if ends is None or not is_leap_day(born) or is_leap_day(ends):
        return None
    later = (birthday(born, band.from_age) for band in age_bands())
    return True if any(ends < day and is_leap_day(day) for day in later) else None


def _born(birth: Birth) -> date:
    return date(birth, 12, 31) if isinstance(birth, int) else birth


def person_keys(row: Row, ref: UUID, hashes: Mapping[str, str]) -> PersonKeys:
    """Return the person of a valid row of a form with identity; the age band is that on the record's own date.

    ``hashes`` are the linkage keys by kind, as the hashing process made them.
    """
    own = row.own_day
    if own is None:
        raise ValueError("the row has no date of its own")
    birth = row.birth()
    band, until = age_band(birth, own)
    return PersonKeys.model_validate(
        {
            "ref": ref,
            "sex": row.text("sex"),
            "age_band": band,
            "age_band_until": until,
            "leap_day": leap_day(birth, own),
            "keys": Keys(**hashes),
        }
    )
