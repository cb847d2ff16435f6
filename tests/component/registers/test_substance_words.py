"""Words for substances are counted under the code of the list, and the record keeps the word (case 27)."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk

CASE = {
    "case_no": "W-0",
    "commune_code": "10532",
    "detected_on": "01/07/2024",
    "recorded_on": "02/07/2024",
    "offence": "possession",
    "subjects": "1",
}
HEROIN = ["heroin", "Heroin", "HEROIN", "hêrôin", "Heroine", "heroin.", "hàng trắng"]


async def counted_as(desk: Desk) -> list[Any]:
    return [event.data.substance for event in await desk.services["incidents"].events()]


async def test_every_word_for_heroin_is_one_substance(desk: Desk) -> None:
    rows = [{**CASE, "case_no": f"W-{number}", "substance": word} for number, word in enumerate(HEROIN)]
    answer = await desk.hand_in("drug_cases", *rows)
    assert (answer["accepted"], answer["notes"]) == (len(HEROIN), []), answer
    assert await counted_as(desk) == ["heroin"] * len(HEROIN)
    # The records keep what the units wrote.
    assert {row["substance"] for row in await desk.stored("drug_cases")} == set(HEROIN)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("hồng phiến", "methamphetamine"),
        ("Đá", "methamphetamine"),
        ("ma túy đá", "methamphetamine"),
        ("ketamin", "ketamine"),
        ("Ketamine", "ketamine"),
        ("Thuốc lắc", "mdma"),
        ("cần sa", "cannabis"),
        ("cỏ Mỹ", "synthetic_cannabinoids"),
        ("methamphetamine", "methamphetamine"),
    ],
)
async def test_words_of_the_street_are_counted_under_their_code(desk: Desk, word: str, code: str) -> None:
    answer = await desk.hand_in("drug_cases", {**CASE, "substance": word})
    assert (answer["accepted"], answer["notes"]) == (1, []), answer
    assert await counted_as(desk) == [code]


async def test_a_word_that_no_list_has_is_accepted_and_told_once_with_what_may_be_meant(desk: Desk) -> None:
    rows = [{**CASE, "case_no": f"W-{number}", "substance": "Heroim"} for number in range(2)]
    answer = await desk.hand_in("drug_cases", *rows)
    assert answer["accepted"] == 2
    ((row, field, rule, text),) = [
        (note["row"], note["field"], note["rule"], note["message"]["vi"]) for note in answer["notes"]
    ]
    assert (row, field, rule) == (2, "substance", "substance_unlisted")
    assert "gần nhất: Heroin" in text
    # In breakdowns its spellings are one row.
    await desk.hand_in("drug_cases", {**CASE, "case_no": "W-9", "substance": "heroim."})
    assert await counted_as(desk) == ["heroim"] * 3


async def test_another_word_for_the_same_substance_is_no_correction(desk: Desk) -> None:
    await desk.hand_in("drug_cases", {**CASE, "substance": "Heroin"})
    assert (await desk.hand_in("drug_cases", {**CASE, "substance": "heroin"}))["unchanged"] == 1
    assert (await desk.hand_in("drug_cases", {**CASE, "substance": "ketamin"}))["corrected"] == 1
    assert [row["substance"] for row in await desk.stored("drug_cases")] == ["ketamin"]
