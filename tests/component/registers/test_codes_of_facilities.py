"""Codes of facilities and clinicians are those of the lists, however they are spelt (case 28)."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import FULL, IDENTITY

PATIENT: dict[str, Any] = {**IDENTITY, "commune_code": "10525", "enrolled_on": "05/01/2026"}
SPELLINGS = ["TT-00", "TT–00", "tt-00", "TT‑00", "TT - 00", "ＴＴ－00"]
_CLINICIAN = {**FULL["clinicians"], "clinician_no": "BS-01", "facility_code": "TT-00"}


def told(answer: dict[str, Any], rule: str) -> list[tuple[int, str, str]]:
    return [
        (note["row"], note["field"], note["message"]["vi"])
        for note in answer["notes"]
        if note["rule"] == rule
    ]


async def facilities_of(desk: Desk, form: str) -> set[str]:
    return {row["facility_code"] for row in await desk.stored(form)}


async def test_every_spelling_of_a_listed_facility_is_the_one_of_the_list(desk: Desk) -> None:
    rows = [
        {**PATIENT, "patient_no": f"BN-{number}", "facility_code": spelt, "national_id": None}
        for number, spelt in enumerate(SPELLINGS)
    ]
    answer = await desk.hand_in("methadone", *rows)
    assert (answer["accepted"], answer["notes"]) == (len(SPELLINGS), []), answer
    assert await facilities_of(desk, "methadone") == {"TT-00"}
    # A row with the same facility in another spelling says nothing new.
    assert (await desk.hand_in("methadone", {**rows[0], "facility_code": "tt–00"}))["unchanged"] == 1


async def test_the_spellings_of_a_facility_that_is_not_listed_are_one(desk: Desk) -> None:
    rows = [
        {**PATIENT, "patient_no": f"BN-{number}", "facility_code": spelt, "national_id": None}
        for number, spelt in enumerate(["CDC-31", "CDC–31", "cdc-31", "CDC - 31"])
    ]
    answer = await desk.hand_in("methadone", *rows)
    assert answer["accepted"] == 4, answer
    assert await facilities_of(desk, "methadone") == {"CDC-31"}
    assert len(told(answer, "facility_unlisted")) == 1


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("methadone", {**PATIENT, "patient_no": "BN-1", "facility_code": "TT00"}),
        ("doses", {"patient_no": "BN-1", "dosed_on": "05/01/2026", "facility_code": "TT00", "mg": "30"}),
        (
            "detox",
            {
                **IDENTITY,
                "commune_code": "10525",
                "episode_no": "C-1",
                "kind": "compulsory",
                "facility_code": "CSCN1",
                "admitted_on": "05/01/2026",
            },
        ),
        ("clinicians", {**_CLINICIAN, "facility_code": "TT00"}),
    ],
)
async def test_an_unlisted_facility_is_accepted_and_told_with_the_nearest_one(
    desk: Desk, form: str, row: dict[str, Any]
) -> None:
    answer = await desk.hand_in(form, row)
    assert (answer["accepted"], answer["refused"]) == (1, []), answer
    ((number, field, text),) = told(answer, "facility_unlisted")
    assert (number, field) == (2, "facility_code")
    assert ("gần nhất: TT-00" if form != "detox" else "gần nhất: CSCN") in text


async def test_a_determination_at_an_unlisted_facility_is_refused_with_the_nearest_one(desk: Desk) -> None:
    await desk.hand_in("clinicians", _CLINICIAN)
    row = {**FULL["determination"], "facility_code": "TT00", "clinician_no": "BS1"}
    answer = await desk.hand_in("determination", row)
    texts = {fault["rule"]: fault["message"]["vi"] for fault in answer["refused"]}
    assert "gần nhất: TT-00" in texts["facility_unknown"]
    assert "gần nhất: BS-01" in texts["clinician_unknown"]
    # In the spelling of another program both are who they are.
    row |= {"facility_code": "tt – 00", "clinician_no": "bs–01"}
    assert (await desk.hand_in("determination", row))["accepted"] == 1
    (stored,) = await desk.stored("determination")
    assert (stored["facility_code"], stored["clinician_no"]) == ("TT-00", "BS-01")


async def test_a_unit_is_itself_however_its_code_is_spelt(desk: Desk) -> None:
    row = {**PATIENT, "patient_no": "BN-1", "facility_code": "TT-00"}
    assert (await desk.hand_in("methadone", row))["accepted"] == 1
    answer = await desk.hand_in("methadone", {**row, "unit_code": "tt – 00"})
    assert (answer["unchanged"], answer["refused"]) == (1, []), answer
    answer = await desk.hand_in("methadone", row, unit="tt-00")
    assert answer["unchanged"] == 1, answer
