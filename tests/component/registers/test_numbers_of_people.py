"""A record or patient number that returns with a new date for somebody else is refused: one number is one person."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

ROWS: dict[str, dict[str, Any]] = {
    "registry": {"record_no": "01", **IDENTITY, "status": "user", "status_from": "01/03/2023"},
    "methadone": {"patient_no": "01", **IDENTITY, "facility_code": "TT-00", "enrolled_on": "01/03/2023"},
}
NEXT_YEAR: dict[str, dict[str, Any]] = {
    "registry": {"status": "addict", "status_from": "05/02/2024"},
    "methadone": {"enrolled_on": "05/02/2024"},
}
SOMEBODY: dict[str, Any] = {
    "full_name": "Phạm Thị Thử",
    "birth_date": "07/09/1971",
    "sex": "Nữ",
    "national_id": None,
}


def rules(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(fault["row"], fault["field"], fault["rule"]) for fault in answer["refused"]]


@pytest.mark.parametrize("form", ROWS)
async def test_a_number_of_last_year_is_not_somebody_elses_this_year(desk: Desk, form: str) -> None:
    row = ROWS[form]
    number = next(iter(row))
    await desk.hand_in(form, row)
    # When the number comes with a date of this year for somebody else, then it is refused with both shown
    other = {**row, **NEXT_YEAR[form], **SOMEBODY}
    answer = await desk.hand_in(form, other)
    assert (rules(answer), answer["accepted"]) == ([(2, number, "number_used")], 0), answer
    told = answer["refused"][0]["message"]["vi"]
    assert "Nguyễn Văn Thử" in told
    assert "Phạm Thị Thử" in told
    # But the same person is entered, whose name was written otherwise before
    same = await desk.hand_in(form, {**row, **NEXT_YEAR[form], "full_name": "Nguyễn Văn Thứ"})
    assert same["accepted"] == 1, same


@pytest.mark.parametrize("form", ROWS)
async def test_the_second_person_of_a_number_in_one_file_is_refused(desk: Desk, form: str) -> None:
    row = ROWS[form]
    number = next(iter(row))
    other = {**row, **NEXT_YEAR[form], **SOMEBODY}
    answer = await desk.hand_in(form, row, other, row, {**row, **SOMEBODY})
    assert (answer["accepted"], answer["unchanged"]) == (1, 1)
    assert rules(answer) == [(3, number, "number_used"), (5, number, "number_used")]


@pytest.mark.parametrize("form", ROWS)
async def test_the_number_is_free_when_all_its_records_are_withdrawn_or_the_clerk_says_replace(
    desk: Desk, form: str
) -> None:
    row = ROWS[form]
    other = {**row, **NEXT_YEAR[form], **SOMEBODY}
    key = {
        name: row[name]
        for name in (next(iter(row)), *(n for n in row if n in NEXT_YEAR[form] and n != "status"))
    }
    await desk.hand_in(form, row)
    assert (await desk.hand_in(form, other, dry_run=True, replace=True))["accepted"] == 1
    await desk.hand_in(form, {**key, "void": "x"})
    assert (await desk.hand_in(form, other))["accepted"] == 1
    # And then the first one is somebody else's.
    assert (await desk.hand_in(form, row))["refused_rows"] == 1


async def test_the_office_above_does_not_read_who_has_the_number(desk: Desk) -> None:
    row = ROWS["registry"]
    await desk.hand_in("registry", row)
    other = {**row, **NEXT_YEAR["registry"], **SOMEBODY, "unit_code": "police:10525"}
    answer = await desk.hand_in("registry", other, by="police:31")
    assert [rule for _, _, rule in rules(answer)] == ["number_used"]
    assert "Nguyễn Văn Thử" not in answer["refused"][0]["message"]["vi"]


async def test_another_unit_has_numbers_of_its_own(desk: Desk) -> None:
    row = ROWS["registry"]
    await desk.hand_in("registry", row)
    other = {**row, **NEXT_YEAR["registry"], **SOMEBODY, "unit_code": "police:10507", "commune_code": "10663"}
    assert (await desk.hand_in("registry", other, by="police:10507"))["accepted"] == 1
