"""Doses: a slip of the pen is refused, a patient nobody knows is asked about."""

from typing import Any

import pytest

from tests.support.register_rows import FULL
from tests.support.registers import Service

DOSE = {**FULL["doses"], "patient_no": "MMT-7", "recorded_on": None}
EPISODE = {
    **FULL["methadone"],
    "patient_no": "MMT-7",
    "enrolled_on": "10/02/2023",
    "ended_on": "01/06/2023",
    "recorded_on": None,
}


async def handed_in(
    treatment: Service, *rows: dict[str, Any]
) -> tuple[int, list[tuple[str, str]], list[str]]:
    """How many rows were taken, the faults, and the rules of the notes about patients."""
    answer = await treatment.post_rows("doses", list(rows))
    faults = [(fault["field"], fault["rule"]) for fault in answer["refused"]]
    return (
        answer["accepted"],
        faults,
        [note["rule"] for note in answer["notes"] if note["field"] != "facility_code"],
    )


@pytest.mark.parametrize("mg", ["6000", "300,5", "0,5", "0"])
async def test_a_dose_outside_the_range_of_the_site_is_refused(treatment: Service, mg: str) -> None:
    await treatment.post_rows("methadone", [EPISODE])
    dose = {**DOSE, "dosed_on": "11/02/2023", "mg": mg}
    assert await handed_in(treatment, dose) == (0, [("mg", "dose_range")], [])


async def test_a_dose_in_treatment_is_taken_without_a_word(treatment: Service) -> None:
    await treatment.post_rows("methadone", [EPISODE])
    days = ("10/02/2023", "31/05/2023")
    assert await handed_in(treatment, *({**DOSE, "dosed_on": day} for day in days)) == (2, [], [])


async def test_an_unknown_patient_is_asked_about_once(treatment: Service) -> None:
    await treatment.post_rows("methadone", [EPISODE])
    rows = [{**DOSE, "patient_no": "XX-UNKNOWN", "dosed_on": day} for day in ("11/02/2023", "12/02/2023")]
    assert await handed_in(treatment, *rows) == (2, [], ["dose_patient_unknown"])


@pytest.mark.parametrize("day", ["09/02/2023", "01/06/2023", "02/06/2023"])
async def test_a_dose_outside_the_treatment_is_asked_about(treatment: Service, day: str) -> None:
    await treatment.post_rows("methadone", [EPISODE])
    assert await handed_in(treatment, {**DOSE, "dosed_on": day}) == (1, [], ["dose_outside_treatment"])
