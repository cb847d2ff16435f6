"""Persons as the bus may know them: age band and linkage keys instead of birth date, name and number."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.events.common import LinkageKeys as Keys
from contracts.events.common import PersonKeys
from reference import BandName, age_bands, birthday, is_leap_day
from services.linkage import contradicts_record
from services.registers.cells import Birth
from services.registers.row import CellFault, Row

WAITS = "number_waits"
"""The rule of a note: the number contradicts the row, so it joins the row to nobody until a clerk decides."""


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
    born = _born(birth)
    if not is_leap_day(born):
        return None
    _, ends = age_band(birth, on)
    if ends is None or is_leap_day(ends):
        return None
    later = (birthday(born, band.from_age) for band in age_bands())
    return True if any(ends < day and is_leap_day(day) for day in later) else None


def doubts_number(row: Row) -> bool:
    """Return whether the row's 12-digit national ID contradicts its own birth date or sex: it joins nobody then."""
    if not row.has("national_id", "birth_date", "sex"):
        return False
    return contradicts_record(row.text("national_id"), row.birth(), row.text("sex"))


def numbers_waiting(rows: Iterable[Row]) -> Iterator[CellFault]:
    """Yield a note for each row whose national ID contradicts the birth date or sex that the row itself gives."""
    for row in rows:
        # What a row took over from the record that stands is not for the answer to tell.
        given = {"national_id", "birth_date", "sex"} <= row.raw.keys()
        if given and row.form.identity and not row.void and doubts_number(row):
            yield row.fault("national_id", WAITS)


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
            "number_doubted": doubts_number(row) or None,
            "keys": Keys(**hashes),
        }
    )
