"""Age bands and linkage keys."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.runtime.ids import uuid7
from services.registers.hashing import linking_messages
from services.registers.person import age_band, person_keys
from tests.support.register_rows import FULL
from tests.unit.registers.building import good, hashes


@pytest.mark.parametrize(
    ("birth", "on", "band", "until"),
    [
        (date(2000, 5, 10), date(2018, 5, 9), "16-17", date(2018, 5, 10)),
        (date(2000, 5, 10), date(2018, 5, 10), "18-29", date(2030, 5, 10)),
        (date(1990, 1, 1), date(2020, 1, 1), "30+", None),
        (date(2004, 2, 29), date(2022, 2, 28), "16-17", date(2022, 3, 1)),
        (date(2004, 2, 29), date(2022, 3, 1), "18-29", date(2034, 3, 1)),
        (2005, date(2023, 12, 30), "16-17", date(2023, 12, 31)),
        (2005, date(2023, 12, 31), "18-29", date(2035, 12, 31)),
        (2023, date(2023, 3, 1), "0-13", date(2037, 12, 31)),
    ],
)
def test_age_bands_in_completed_years(birth: date | int, on: date, band: str, until: date | None) -> None:
    assert age_band(birth, on) == (band, until)


@settings(deadline=None)
@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(0, 25_000))
def test_the_band_holds_until_its_day_and_then_is_another(birth: date, after: int) -> None:
    band, until = age_band(birth, birth + timedelta(days=after))
    if until is not None:
        assert age_band(birth, until - timedelta(days=1))[0] == band
        assert age_band(birth, until)[0] != band


def test_keys_of_any_accepted_number_link() -> None:
    ref = uuid7()
    odd = {**FULL["arrests"], "national_id": "999090001234"}
    row = good("arrests", odd)
    found = person_keys(row, ref, hashes(row))
    assert found.keys.nid12
    assert found.keys.nid9 is None
    assert found.keys.name_birth_sex
    assert (found.ref, found.sex, found.age_band) == (ref, "male", "30+")
    row = good("arrests", {**odd, "birth_date": "1990", "national_id": "123456780"})
    year = person_keys(row, ref, hashes(row))
    assert year.keys.nid9
    assert year.keys.name_birth_sex is None


@pytest.mark.parametrize("day", ["01/01/1985", "01/07/1985", "15/06/1985"])
def test_a_day_that_stands_for_a_year_makes_namesakes_one_person_only_with_a_number(day: str) -> None:
    """Case 24: three men of one name, born on "1 January 1985", in three wards."""
    without = {**FULL["arrests"], "birth_date": day, "national_id": None}
    assert set(linking_messages(good("arrests", without))) == {"name_year_commune"}
    numbered = {**without, "national_id": "999085001234"}
    assert set(linking_messages(good("arrests", numbered))) == {
        "nid12",
        "name_birth_sex",
        "name_year_commune",
        "number_name",
        "number_birth",
        "number_year",
    }


def test_any_other_day_without_a_number_makes_namesakes_one_person() -> None:
    row = good("arrests", {**FULL["arrests"], "birth_date": "02/01/1985", "national_id": None})
    assert set(linking_messages(row)) == {"name_birth_sex", "name_year_commune"}
