"""A number that returns: last year's case is not overwritten by this year's (case 20), a correction stays one."""

from typing import Any

import pytest

from tests.support.register_rows import FULL
from tests.support.registers import Service

CASE = {"commune_code": "10660", "offence": "possession", "subjects": "1"}
OF_2023 = [
    {"case_no": "01", **CASE, "detected_on": "05/03/2023"},
    {"case_no": "02", **CASE, "detected_on": "06/04/2023", "offence": "trade", "subjects": "2"},
]
OF_2024 = [
    {"case_no": "01", **CASE, "detected_on": "09/02/2024"},
    {"case_no": "02", **CASE, "detected_on": "11/05/2024", "offence": "trade"},
]


async def test_numbers_that_begin_anew_do_not_overwrite_last_year(incidents: Service) -> None:
    await incidents.post_rows("drug_cases", OF_2023)
    answer = await incidents.post_rows("drug_cases", OF_2024)
    assert (answer["corrected"], answer["refused_rows"]) == (0, 2)
    fault = answer["refused"][0]
    assert (fault["field"], fault["rule"]) == ("case_no", "number_used")
    # Both are shown, so that the clerk sees which one it is.
    assert all(day in fault["message"]["vi"] for day in ("05/03/2023", "09/02/2024"))
    rows = await incidents.query("SELECT own_day FROM record ORDER BY own_day")
    assert [row[0].year for row in rows] == [2023, 2023]


async def test_the_clerk_may_say_that_the_row_replaces_the_record(incidents: Service) -> None:
    await incidents.post_rows("drug_cases", OF_2023)
    headers = incidents.keeper("drug_cases")
    body = {"rows": [{"values": row} for row in OF_2024], "replace": True}
    answer = await incidents.client.post("/v1/forms/drug_cases/records", json=body, headers=headers)
    assert answer.json()["corrected"] == 2, answer.text
    single = await incidents.client.post(
        "/v1/forms/drug_cases?replace=true", json=OF_2023[0], headers=headers
    )
    assert single.json()["outcome"] == "corrected", single.text


@pytest.mark.parametrize(
    "changed",
    [
        {"detected_on": "05/03/2024"},  # a mistyped year
        {"detected_on": "06/03/2023"},
        {"detected_on": "07/04/2023", "commune_code": "10663"},
        {"commune_code": "10663", "offence": "trade"},
        {"subjects": "4", "prosecuted_on": "01/05/2023"},
    ],
)
async def test_a_change_of_one_or_two_fields_stays_a_correction(
    incidents: Service, changed: dict[str, Any]
) -> None:
    await incidents.post_rows("drug_cases", OF_2023[:1])
    answer = await incidents.post_rows("drug_cases", [{**OF_2023[0], **changed}])
    assert answer["corrected"] == 1, answer


async def test_a_copied_number_inside_one_file_is_refused(incidents: Service) -> None:
    other = {**OF_2023[1], "case_no": "01", "commune_code": "10663"}
    answer = await incidents.post_rows("drug_cases", [OF_2023[0], other])
    assert (answer["accepted"], answer["refused_rows"]) == (1, 1)
    again = await incidents.post_rows("drug_cases", [OF_2023[0], other])
    assert (again["unchanged"], again["refused_rows"]) == (1, 1)


@pytest.mark.parametrize("form", ["fires", "conflicts"])
async def test_another_day_place_and_kind_is_another_incident(incidents: Service, form: str) -> None:
    await incidents.post_row(form, FULL[form])
    other = {"commune_code": "10516", **({"cause": "love"} if form == "conflicts" else {"place": "forest"})}
    days = {"detected_on": "20/05/2023", "status_on": "21/05/2023"}
    hours = {"alarm_at": "20/05/2023 10:00", "arrived_at": None, "controlled_at": None, "out_at": None}
    row = {**FULL[form], **other, **(days if form == "conflicts" else hours), "recorded_on": None}
    answer = await incidents.post_row(form, row)
    assert [fault["rule"] for fault in answer.json()["errors"]] == ["number_used"], answer.text


async def test_a_number_is_free_again_after_a_withdrawal(incidents: Service) -> None:
    await incidents.post_rows("drug_cases", OF_2023[:1])
    answer = await incidents.post_rows("drug_cases", [{"case_no": "01", "void": "x"}, OF_2024[0]])
    assert (answer["withdrawn"], answer["restored"]) == (1, 1)
