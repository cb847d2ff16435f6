"""Every form by HTTP: accepted once, answered with every fault, read back, and counted."""

import httpx
import pytest

from contracts.forms import FORMS
from tests.integration.figures import whole_year
from tests.support.stack.harness import Province, owner_of
from tests.support.stack.registers import Registers
from tests.support.stack.rows import fire


def test_the_figures_of_every_form_are_the_true_ones(
    filled: Province, registers: Registers, before_filled: dict[str, int]
) -> None:
    assert {batch.form for number in range(3) for batch in registers.slice(number)} == set(FORMS)
    for code, true in registers.truth(3).items():
        answer = whole_year(filled, code)
        assert answer["value"] - before_filled[code] == true, code
        assert sum(row["value"] for row in answer["rows"]) == answer["value"] + answer["overlap"], code
        assert len(answer["rows"]) >= 12, "every district is listed, zeros included"


def test_handing_in_everything_again_changes_nothing(filled: Province, registers: Registers) -> None:
    before = filled.figures(broad=False)
    for batch in registers.slice(2):
        answer = filled.hand_in(batch.form, batch.rows)
        assert answer["accepted"] == answer["corrected"] == 0, answer
        assert answer["unchanged"] == len(batch.rows)
    filled.settled()
    assert filled.figures(broad=False) == before


@pytest.mark.parametrize("form", list(FORMS))
def test_an_empty_row_is_refused_with_every_required_column(filled: Province, form: str) -> None:
    answer = filled.hand_in(form, [{"recorded_on": "01/02/2024"}], refusals=True)
    assert (answer["accepted"], answer["refused_rows"]) == (0, 1)
    named = {fault["field"] for fault in answer["refused"]}
    required = {column.id for column in FORMS[form].columns if column.required}
    assert required <= named
    for fault in answer["refused"]:
        assert fault["row"] == 2
        assert fault["rule"]
        assert fault["message"]["vi"]
        assert fault["message"]["en"]


def test_one_record_is_created_then_unchanged_then_corrected(filled: Province) -> None:
    url = f"{filled.url('incidents')}/v1/forms/fires"
    statuses, outcomes = [], []
    for deaths in ("1", "1", "2"):
        answer = filled.client.post(
            url, json=fire("PC-single", deaths=deaths), headers=filled.clerk("police:30")
        )
        statuses.append(answer.status_code)
        outcomes.append(answer.json()["outcome"])
    assert statuses == [201, 200, 200]
    assert outcomes == ["accepted", "unchanged", "corrected"]


def test_one_bad_record_is_answered_with_all_its_faults_and_nothing_is_stored(filled: Province) -> None:
    row = {
        **fire("PC-bad", deaths="-1"),
        "alarm_at": "31/02/2023 10:00",
        "place": "castle",
        "damage_vnd": "much",
    }
    clerk = filled.clerk("police:30")
    answer = filled.client.post(f"{filled.url('incidents')}/v1/forms/fires", json=row, headers=clerk)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    faults = {fault["field"]: fault for fault in answer.json()["errors"]}
    assert {"deaths", "alarm_at", "place", "damage_vnd"} <= set(faults)
    assert faults["place"]["value"] == "castle"
    stored = read_back(filled, "fires")
    assert "PC-bad" not in str(stored)


def read_back(province: Province, form: str) -> dict[str, object]:
    """What a clerk of the province police reads of its own rows."""
    url = f"{province.url('incidents')}/v1/forms/{form}/records"
    asked = {"unit": "police:30", "limit": "500"}
    answer = httpx.get(url, params=asked, headers=province.clerk("police:30"), trust_env=False)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_accepted_records_can_be_read_back_by_their_unit(filled: Province, registers: Registers) -> None:
    batch = next(batch for batch in registers.slice(0) if batch.form == "conflicts")
    stored = str(read_back(filled, "conflicts"))
    for row in batch.rows:
        assert row["conflict_no"] in stored


def test_nothing_is_answered_without_a_token(filled: Province) -> None:
    for form in FORMS:
        url = f"{filled.url(owner_of(form))}/v1/forms/{form}/records"
        assert httpx.post(url, json={"rows": []}, trust_env=False).status_code == 401
    assert httpx.get(f"{filled.url('reporting')}/v1/figures", trust_env=False).status_code == 401


def test_a_clerk_writes_and_reads_only_within_its_area(filled: Province) -> None:
    clerk = filled.clerk("police:10513")
    url = f"{filled.url('incidents')}/v1/forms/fires/records"
    own = {"rows": [{"row": 2, "values": {**fire("PC-own", commune="10513"), "unit_code": "police:10513"}}]}
    foreign = {"rows": [{"row": 2, "values": {**fire("PC-foreign"), "unit_code": "police:10516"}}]}
    accepted = httpx.post(url, json=own, headers=clerk, trust_env=False)
    assert (accepted.status_code, accepted.json()["accepted"]) == (200, 1)
    refused = httpx.post(url, json=foreign, headers=clerk, trust_env=False)
    assert refused.status_code == 403 or [f["rule"] for f in refused.json()["refused"]] == ["unit_scope"]
    reading = httpx.get(url, params={"unit": "police:10516"}, headers=clerk, trust_env=False)
    assert reading.status_code == 403
