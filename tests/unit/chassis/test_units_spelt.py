"""A unit is itself however its code is spelt; two that were listed in two spellings before stay two."""

from datetime import date

import pytest

from reference import Nearest
from services.chassis.security import Facility, Units

DAY = date(2024, 1, 1)


def listed(*codes: str) -> Units:
    row = Facility(date(2020, 1, 1), None, frozenset({"methadone"}), "district", "10513")
    return Units({code: [row] for code in codes})


@pytest.mark.parametrize("code", ["Cdc-30", "CDC-30", "cdc – 30", "ＣＤＣ－３０", "CDC‑30"])
def test_every_spelling_is_the_one_of_the_list(code: str) -> None:
    units = listed("Cdc-30", "TT-01")
    assert units.spelt(code) == units.facility(code) == "Cdc-30"
    assert units.does(code) == {"methadone"}
    assert units.lists(units.facility(code), DAY)


def test_two_spellings_that_are_both_listed_stay_two() -> None:
    units = listed("CDC-30", "cdc-30")
    assert [units.spelt(code) for code in ("CDC-30", "cdc-30", "cdc–30")] == ["CDC-30", "cdc-30", "CDC-30"]
    assert units.spelt("cdc-30", own="CDC-30") == "cdc-30"


def test_a_code_that_is_not_listed_is_the_callers_own_or_tidy() -> None:
    units = listed("TT-01")
    assert units.spelt("cdc – 30", own="Cdc-30") == "Cdc-30"
    assert units.spelt("cdc – 30") == "cdc-30"
    assert units.facility("cdc – 30") == "CDC-30"


def test_the_nearest_codes_are_those_in_force_on_the_day() -> None:
    units, earlier = listed("CDC-30", "TT-01"), date(2019, 1, 1)
    assert Nearest().of("CDC30", DAY, units.listed_on(DAY)) == ["CDC-30"]
    assert Nearest().of("CDC30", earlier, units.listed_on(earlier)) == []
