"""Corrections that may be about another case or person are told; the example of a template is never taken."""

from typing import Any

import pytest

from contracts.forms import FORMS, example_of
from tests.component.registers.conftest import Desk

CASE = {
    "case_no": "VA-1",
    "commune_code": "10525",
    "detected_on": "05/02/2026",
    "offence": "possession",
    "subjects": 1,
}
PERSON = {
    "record_no": "HS-1",
    "full_name": "Trần Văn Nhất",
    "birth_date": "05/02/1990",
    "sex": "Nam",
    "commune_code": "10525",
    "status": "user",
    "status_from": "02/02/2026",
}


def told(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(note["row"], note["rule"]) for note in answer["notes"]]


async def test_a_number_twice_in_one_file_is_a_correction_that_is_told(desk: Desk) -> None:
    answer = await desk.hand_in("drug_cases", CASE, {**CASE, "subjects": 3})
    assert (answer["accepted"], answer["corrected"]) == (1, 1)
    assert told(answer) == [(3, "corrects_row")]
    assert "2" in answer["notes"][0]["message"]["vi"]


async def test_the_same_file_again_is_told_nothing(desk: Desk) -> None:
    rows = (CASE, {**CASE, "subjects": 3})
    await desk.hand_in("drug_cases", *rows)
    answer = await desk.hand_in("drug_cases", *rows)
    assert (answer["unchanged"], told(answer)) == (2, [])


async def test_a_correction_of_nearly_everything_is_told_with_both_sides(desk: Desk) -> None:
    await desk.hand_in("drug_cases", CASE)
    answer = await desk.hand_in("drug_cases", {**CASE, "detected_on": "20/02/2026", "offence": "trade"})
    assert (answer["corrected"], told(answer)) == (1, [(2, "perhaps_another")])
    assert "05/02/2026" in answer["notes"][0]["message"]["en"]
    assert "20/02/2026" in answer["notes"][0]["message"]["en"]


async def test_a_correction_of_one_thing_is_told_nothing(desk: Desk) -> None:
    await desk.hand_in("drug_cases", CASE)
    answer = await desk.hand_in("drug_cases", {**CASE, "detected_on": "06/02/2026", "subjects": 2})
    assert (answer["corrected"], told(answer)) == (1, [])


async def test_another_man_under_the_number_is_told(desk: Desk) -> None:
    await desk.hand_in("registry", PERSON)
    answer = await desk.hand_in("registry", {**PERSON, "full_name": "Lê Đức Hai", "birth_date": "07/08/1971"})
    assert (answer["corrected"], told(answer)) == (1, [(2, "perhaps_another")])


async def test_of_somebody_under_18_it_is_not_told(desk: Desk) -> None:
    """Who may not read the person would learn by it that a guess at the name is wrong."""
    await desk.hand_in("registry", {**PERSON, "birth_date": "05/02/2011"})
    answer = await desk.hand_in("registry", {**PERSON, "full_name": "Lê Đức Hai", "birth_date": "07/08/2010"})
    assert (answer["corrected"], told(answer)) == (1, [])


async def test_who_says_replace_is_told_nothing(desk: Desk) -> None:
    await desk.hand_in("drug_cases", CASE)
    answer = await desk.hand_in(
        "drug_cases", {**CASE, "detected_on": "20/02/2026", "offence": "trade"}, replace=True
    )
    assert (answer["corrected"], told(answer)) == (1, [])


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.service != "reporting"])
async def test_the_example_of_a_template_is_not_taken_over_http_either(desk: Desk, form: str) -> None:
    row = {name: _wire(value) for name, value in example_of(FORMS[form]).items()}
    answer = await desk.hand_in(form, row)
    assert (answer["accepted"], answer["refused_rows"]) == (0, 1)
    assert [fault["rule"] for fault in answer["refused"]] == ["example_row"]


def _wire(value: Any) -> Any:
    return str(value) if hasattr(value, "year") else value
