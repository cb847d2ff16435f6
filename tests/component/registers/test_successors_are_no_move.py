"""After the merger an old row comes again with the code of today (case 43): the same commune, whatever else the code was.

Ngọc Châu was 10513 until it became a part of the ward Hải Dương in July 2025, whose code 10525 was that of Trần Hưng
Đạo before. An Thượng was 10663 and became a part of the ward Thành Đông, 10507, which was the code of Cẩm Thượng.
"""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import FULL, IDENTITY

REGISTRY = {
    "record_no": "MG-1",
    **IDENTITY,
    "status": "addict",
    "status_from": "01/03/2023",
}
CASE = {
    "case_no": "K-1",
    "commune_code": "10513",
    "detected_on": "05/03/2023",
    "offence": "possession",
    "subjects": "1",
}
_CLINICIAN = {**FULL["clinicians"], "clinician_no": "BS-01", "facility_code": "TT-00"}
ROWS = {
    "registry": REGISTRY,
    "determination": {**FULL["determination"], "facility_code": "TT-00"},
    "methadone": {**FULL["methadone"], "transferred_to": "TT-01"},
    **{form: FULL[form] for form in ("detox", "post_detox", "facilities")},
    **{form: FULL[form] for form in ("fires", "drug_cases", "arrests", "conflicts", "places")},
}
"""A row in 10513, before the merger, of each form whose rows have a commune that is no part of their key."""


def notes(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(note["row"], note["field"], note["rule"]) for note in answer["notes"]]


async def entered(desk: Desk, form: str, row: dict[str, Any]) -> None:
    if form == "determination":
        await desk.hand_in("clinicians", _CLINICIAN)
    answer = await desk.hand_in(form, row)
    assert answer["accepted"] == 1, answer


@pytest.mark.parametrize("form", ROWS)
async def test_the_code_of_the_successor_is_no_correction(desk: Desk, form: str) -> None:
    await entered(desk, form, ROWS[form])
    before = await desk.stored(form)
    # When the row comes again with the code of the ward of today, which was another commune's on the row's own day
    again = await desk.hand_in(form, {**ROWS[form], "commune_code": "10525"})
    # Then nothing is corrected, and the answer says how the code was understood
    assert (again["unchanged"], again["refused"]) == (1, []), again
    assert notes(again) == [(2, "commune_code", "commune_kept")]
    assert "Ngọc Châu" in again["notes"][0]["message"]["vi"]
    assert await desk.stored(form) == before


async def test_a_successor_whose_code_is_new_is_no_fault_of_a_row_that_is_known(desk: Desk) -> None:
    # Given a case in a commune that became one with a code that nobody had on the row's own day
    await entered(desk, "drug_cases", {**CASE, "commune_code": "10522"})
    again = await desk.hand_in("drug_cases", {**CASE, "commune_code": "10532@2025"})
    assert (again["unchanged"], again["refused"]) == (1, []), again
    # But a case that is not known cannot have happened there then
    fresh = await desk.hand_in("drug_cases", {**CASE, "case_no": "K-2", "commune_code": "10532@2025"})
    assert [fault["rule"] for fault in fresh["refused"]] == ["commune"]


async def test_the_other_changes_of_the_row_are_taken_and_the_commune_stays(desk: Desk) -> None:
    await entered(desk, "drug_cases", CASE)
    answer = await desk.hand_in("drug_cases", {**CASE, "commune_code": "10525", "subjects": "3"})
    assert (answer["corrected"], notes(answer)) == (1, [(2, "commune_code", "commune_kept")])
    (stored,) = await desk.stored("drug_cases")
    assert (stored["commune_code"], stored["subjects"]) == ("10513@2008", 3)


async def test_the_code_of_the_predecessor_is_no_correction_either(desk: Desk) -> None:
    # Given a case of 2026 in the ward of today, handed in again by an old list of codes
    today = {**CASE, "detected_on": "05/01/2026", "commune_code": "10525"}
    await entered(desk, "drug_cases", today)
    again = await desk.hand_in("drug_cases", {**today, "commune_code": "10513"})
    assert (again["unchanged"], notes(again)) == (1, [(2, "commune_code", "commune_kept")])


async def test_a_commune_that_became_something_else_is_a_correction(desk: Desk) -> None:
    await entered(desk, "drug_cases", CASE)
    # 10663 became 10507, not 10525.
    answer = await desk.hand_in("drug_cases", {**CASE, "commune_code": "10663"})
    assert (answer["corrected"], answer["notes"]) == (1, [])
    assert (await desk.stored("drug_cases"))[0]["commune_code"] == "10663@2008"


async def test_a_code_with_its_year_says_which_commune_is_meant(desk: Desk) -> None:
    await entered(desk, "drug_cases", CASE)
    answer = await desk.hand_in("drug_cases", {**CASE, "commune_code": "10525@2008"})
    assert (answer["corrected"], answer["notes"]) == (1, [])
    assert (await desk.stored("drug_cases"))[0]["commune_code"] == "10525@2008"


async def test_a_code_of_two_communes_is_told_once(desk: Desk) -> None:
    rows = [{**CASE, "case_no": f"K-{number}", "commune_code": "10525"} for number in range(3)]
    answer = await desk.hand_in("drug_cases", *rows)
    assert answer["accepted"] == 3
    assert notes(answer) == [(2, "commune_code", "code_of_two")]
    told = answer["notes"][0]["message"]["vi"]
    assert "Trần Hưng Đạo" in told
    assert "Hải Dương" in told
    # Nothing is left to tell of rows that are known, or of a code that was one commune's alone.
    assert (await desk.hand_in("drug_cases", *rows))["notes"] == []
    assert (await desk.hand_in("drug_cases", CASE))["notes"] == []


async def test_who_wrote_before_the_later_code_was_in_force_cannot_have_meant_it(desk: Desk) -> None:
    # Given rows of 2023 that say themselves that they were written down then
    old = [
        {**CASE, "case_no": f"C-{number}", "commune_code": "10525", "recorded_on": "06/03/2023"}
        for number in range(2)
    ]
    assert (await desk.hand_in("drug_cases", *old))["notes"] == []
    # When one of the same file does not say when it was written, or says that it was after the merger
    silent = {**CASE, "case_no": "C-8", "commune_code": "10525"}
    late = {**silent, "case_no": "C-9", "recorded_on": "02/07/2025"}
    answer = await desk.hand_in(
        "drug_cases", *(dict(row, case_no="D-" + row["case_no"]) for row in old), silent
    )
    # Then that one is told
    assert notes(answer) == [(4, "commune_code", "code_of_two")]
    assert notes(await desk.hand_in("drug_cases", late)) == [(2, "commune_code", "code_of_two")]


async def test_rows_of_one_key_in_one_file_build_on_each_other(desk: Desk) -> None:
    answer = await desk.hand_in("drug_cases", CASE, {**CASE, "commune_code": "10525"})
    assert (answer["accepted"], answer["unchanged"]) == (1, 1)


async def test_a_row_without_its_own_date_is_read_by_the_date_that_stands(desk: Desk) -> None:
    await entered(desk, "drug_cases", CASE)
    key = {"case_no": CASE["case_no"]}
    same = await desk.hand_in("drug_cases", {**key, "commune_code": "10525"})
    assert (same["unchanged"], notes(same)) == (1, [(2, "commune_code", "commune_kept")])
    moved = await desk.hand_in("drug_cases", {**key, "commune_code": "10663"})
    assert moved["corrected"] == 1, moved
    assert (await desk.stored("drug_cases"))[0]["commune_code"] == "10663@2008"
    # A commune that is taken over must be there on the day that the row gives itself.
    later = await desk.hand_in("drug_cases", {**key, "detected_on": "05/02/2026"})
    assert [fault["rule"] for fault in later["refused"]] == ["commune"]
