"""A commune may be written by its name where that names one in the unit's district on the row's own day (case 42)."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

CASE: dict[str, Any] = {
    "case_no": "K-1",
    "detected_on": "05/03/2023",
    "offence": "possession",
    "subjects": "1",
}
CITY = "police:10525"  # a ward of the city of Hải Dương in 2023


async def hand_in(desk: Desk, name: str, **more: Any) -> dict[str, Any]:
    return await desk.hand_in("drug_cases", {**CASE, "commune_code": name, **more}, by="police:31", unit=CITY)


async def communes(desk: Desk) -> list[str]:
    return [row["commune_code"] for row in await desk.stored("drug_cases")]


@pytest.mark.parametrize(
    "name",
    [
        "Phường Cẩm Thượng",
        "phường cẩm thượng",
        "Cẩm Thượng",
        "P. Cẩm Thượng",
        "P.Cẩm Thượng",
        "Cam Thuong",
        "phuong cam thuong",
        "  Phường   Cẩm\u00a0Thượng ",
    ],
)
async def test_a_name_that_is_one_communes_in_the_district_is_that_commune(desk: Desk, name: str) -> None:
    answer = await hand_in(desk, name)
    assert (answer["accepted"], answer["refused"]) == (1, []), answer
    assert await communes(desk) == ["10507@2008"]
    (note,) = [note for note in answer["notes"] if note["rule"] == "commune_named"]
    assert "10507 Phường Cẩm Thượng" in note["message"]["vi"]
    # The same row by the code changes nothing.
    assert (await hand_in(desk, "10507"))["unchanged"] == 1


async def test_the_note_is_told_once_for_a_name(desk: Desk) -> None:
    rows = [{**CASE, "case_no": f"K-{number}", "commune_code": "Cẩm Thượng"} for number in range(3)]
    answer = await desk.hand_in("drug_cases", *rows, by="police:31", unit=CITY)
    assert answer["accepted"] == 3
    assert [note["row"] for note in answer["notes"] if note["rule"] == "commune_named"] == [2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Xã Cẩm Thượng", "10507 Phường Cẩm Thượng"),  # it was a ward
        ("Cẩm Thượg", "10507 Phường Cẩm Thượng"),  # a letter is missing
        ("Thành Đông", "10507 Phường Cẩm Thượng"),  # what it became in 2025
    ],
)
async def test_a_name_that_is_not_clear_is_refused_with_what_may_be_meant(
    desk: Desk, name: str, told: str
) -> None:
    answer = await hand_in(desk, name)
    ((field, rule, text),) = [
        (fault["field"], fault["rule"], fault["message"]["vi"]) for fault in answer["refused"]
    ]
    assert (field, rule) == ("commune_code", "commune_name")
    assert told in text


async def test_a_name_of_before_the_merger_is_refused_after_it_with_what_it_became(desk: Desk) -> None:
    answer = await hand_in(desk, "Phường Cẩm Thượng", detected_on="05/01/2026")
    (fault,) = answer["refused"]
    assert fault["rule"] == "commune_name"
    assert "10507 Phường Thành Đông" in fault["message"]["vi"]


async def test_a_name_of_another_district_is_only_suggested(desk: Desk) -> None:
    # Xã An Bình lies in the district of Nam Sách, not in the city.
    answer = await hand_in(desk, "Xã An Bình")
    (fault,) = answer["refused"]
    assert "10630 Xã An Bình (Huyện Nam Sách)" in fault["message"]["vi"]


async def test_the_district_is_that_of_the_facility_where_a_facility_hands_in(desk: Desk) -> None:
    row = {
        **IDENTITY,
        "commune_code": "Cẩm Thượng",
        "patient_no": "BN-1",
        "enrolled_on": "05/03/2023",
        "facility_code": "TT-00",
    }
    answer = await desk.hand_in("methadone", row)
    assert answer["accepted"] == 1, answer
    assert [each["commune_code"] for each in await desk.stored("methadone")] == ["10507@2008"]


async def test_a_correction_without_its_date_is_read_on_the_date_that_stands(desk: Desk) -> None:
    await hand_in(desk, "10513")
    answer = await desk.hand_in(
        "drug_cases", {"case_no": "K-1", "commune_code": "Cẩm Thượng"}, by="police:31", unit=CITY
    )
    assert answer["corrected"] == 1, answer
    assert await communes(desk) == ["10507@2008"]
