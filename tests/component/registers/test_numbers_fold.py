"""A number names one record however it is spelt (case 28); the first spelling stays."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import FULL, IDENTITY

CASE = {
    "case_no": "VA-01/QĐ",
    "commune_code": "10525",
    "detected_on": "05/01/2026",
    "offence": "possession",
    "subjects": "1",
}
SPELLINGS = ["VA–01/QĐ", "va - 01/qđ", "VA‑01 / QĐ", "ＶＡ－０１/QĐ", "VA−01/QĐ", "VA-\u00a001/QĐ"]
PATIENT = {**IDENTITY, "commune_code": "10525", "enrolled_on": "05/01/2026", "facility_code": "TT-00"}


@pytest.mark.parametrize("spelt", SPELLINGS)
async def test_another_spelling_of_a_number_is_the_same_record_and_no_correction(
    desk: Desk, spelt: str
) -> None:
    await desk.hand_in("drug_cases", CASE)
    # When the case comes again with its number spelt otherwise
    again = await desk.hand_in("drug_cases", {**CASE, "case_no": spelt})
    assert (again["unchanged"], again["refused"]) == (1, []), again
    # And with another number of subjects
    changed = await desk.hand_in("drug_cases", {**CASE, "case_no": spelt, "subjects": "2"})
    assert changed["corrected"] == 1
    # Then there is one record, with the first spelling
    (stored,) = await desk.stored("drug_cases")
    assert (stored["case_no"], stored["subjects"]) == ("VA-01/QĐ", 2)


async def test_spellings_within_one_file_are_one_record(desk: Desk) -> None:
    rows = [{**CASE, "case_no": spelt} for spelt in SPELLINGS]
    answer = await desk.hand_in("drug_cases", *rows)
    assert (answer["accepted"], answer["unchanged"]) == (1, len(SPELLINGS) - 1), answer
    assert [stored["case_no"] for stored in await desk.stored("drug_cases")] == ["VA–01/QĐ"]


async def test_a_withdrawal_finds_the_record_under_any_spelling(desk: Desk) -> None:
    await desk.hand_in("drug_cases", CASE)
    answer = await desk.hand_in("drug_cases", {"case_no": "va – 01/qđ", "void": "x"})
    assert answer["withdrawn"] == 1, answer


async def test_other_numbers_stay_others(desk: Desk) -> None:
    numbers = ["VA-1", "VA1", "VA-01", "VA 01", "VA.01"]
    answer = await desk.hand_in("drug_cases", *({**CASE, "case_no": number} for number in numbers))
    assert answer["accepted"] == len(numbers), answer


async def test_one_patient_number_spelt_in_two_ways_is_one_person(desk: Desk) -> None:
    first: dict[str, Any] = {**PATIENT, "patient_no": "BN–7"}
    second = {**PATIENT, "patient_no": "bn-7", "enrolled_on": "06/02/2026"}
    assert (await desk.hand_in("methadone", first, second))["accepted"] == 2
    people = await desk.services["treatment"].query(
        "SELECT DISTINCT person_ref FROM record WHERE form = 'methadone'"
    )
    assert len(people) == 1


async def test_a_form_whose_key_says_who_it_is_folds_its_number_alone(desk: Desk) -> None:
    row = {**FULL["arrests"], "case_no": "VA-01"}
    assert (await desk.hand_in("arrests", row))["accepted"] == 1
    assert (await desk.hand_in("arrests", {**row, "case_no": "va – 01"}))["unchanged"] == 1


@pytest.mark.parametrize(
    ("standing", "given"),
    [
        ("007", "7"),
        ("7", "007"),
        ("VA-7", "VA-07"),
        ("7/2024", "07/2024"),
        ("2024-07", "2024-7"),
        ("12", "0012"),
    ],
)
async def test_a_number_that_differs_in_zeros_from_one_of_an_earlier_file_is_told(
    desk: Desk, standing: str, given: str
) -> None:
    await desk.hand_in("drug_cases", {**CASE, "case_no": standing})
    # When the other spelling comes in another file, as a trial and in earnest
    for dry_run in (True, False):
        answer = await desk.hand_in("drug_cases", {**CASE, "case_no": given}, dry_run=dry_run)
        # Then it is a record of its own, and the answer names the one that is there
        assert answer["accepted"] == 1
        assert [(note["row"], note["rule"]) for note in answer["notes"]] == [(2, "zeros_apart")]
        assert standing in answer["notes"][0]["message"]["vi"]
    # And once it stands, nothing more is said of it
    assert (await desk.hand_in("drug_cases", {**CASE, "case_no": given}))["notes"] == []


async def test_numbers_that_are_others_without_their_zeros_too_raise_no_question(desk: Desk) -> None:
    await desk.hand_in("drug_cases", {**CASE, "case_no": "007"})
    for number in ("8", "70", "VA-007", "700"):
        assert (await desk.hand_in("drug_cases", {**CASE, "case_no": number}))["notes"] == [], number
