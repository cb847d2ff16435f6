"""Persons as the bus may know them: age band and linkage keys instead of birth date, name and number."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.events.common import LinkageKeys as Keys
from contracts.events.common import PersonKeys
from services.chassis.intake.cells import Birth
from services.chassis.intake.row import Row
from services.chassis.linkage import LinkageKeys

AgeBand = Literal["0-13", "14-15", "16-17", "18-29", "30+"]
_BANDS: tuple[tuple[int, AgeBand], ...] = ((14, "0-13"), (16, "14-15"), (18, "16-17"), (30, "18-29"))


def age_band(birth: Birth, on: date) -> tuple[AgeBand, date | None]:
    """The age band on a day in completed years, and the day on which the next one begins (None from 30 on).

    A year alone counts as born on 31 December of that year (Criminal Procedure Code, Art. 417: doubt favours the
    younger). Who is born on 29 February turns a year older on 1 March in other years.
    """
    born = date(birth, 12, 31) if isinstance(birth, int) else birth
    for years, band in _BANDS:
        begins = _birthday(born, years)
        if on < begins:
            return band, begins
    return "30+", None


def _birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def person_keys(row: Row, ref: UUID, linkage: LinkageKeys) -> PersonKeys:
    """The person of a valid row of a form with identity; the age band is that on the record's own date."""
    own = row.own_day
    if own is None:
        raise ValueError("the row has no date of its own")
    birth = row.birth()
    sex = row.text("sex")
    number = row.opt_text("national_id")
    keys = linkage.of(row.text("full_name"), birth, sex, number, row.area("commune_code"))
    if number is not None:
        # The structure check is the register's (9 or 12 digits); a number that it lets pass must link.
        kind = "nid12" if len(number) == 12 else "nid9"
        if kind not in keys:
            keys[kind] = linkage.hash(kind, number)
    band, until = age_band(birth, own)
    return PersonKeys.model_validate(
        {"ref": ref, "sex": sex, "age_band": band, "age_band_until": until, "keys": Keys(**keys)}
    )
