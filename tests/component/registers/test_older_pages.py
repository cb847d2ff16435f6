"""An older page handed in after a newer one (case 31): it enters the history, and what stands goes on standing."""

from typing import Any

import pytest

from contracts.record_time import in_force, settle
from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

KEYS: dict[str, dict[str, Any]] = {
    "drug_cases": {"case_no": "K-4", "detected_on": "06/08/2024"},
    "methadone": {"patient_no": "BN-4", "enrolled_on": "06/08/2024"},
    "registry": {"record_no": "HS-4", "status_from": "06/08/2024"},
}
SAID: dict[str, dict[str, Any]] = {
    "drug_cases": {"commune_code": "10513", "offence": "possession", "subjects": "3"},
    "methadone": {**IDENTITY, "facility_code": "TT-00"},
    "registry": {**IDENTITY, "status": "addict"},
}
OTHER: dict[str, dict[str, Any]] = {
    "drug_cases": {"subjects": "1"},
    "methadone": {"full_name": "Nguyễn Văn Thủ", "facility_code": "CSCN"},
    "registry": {"full_name": "Nguyễn Văn Thủ", "status": "user"},
}


@pytest.mark.parametrize("form", KEYS)
async def test_the_newer_page_stands_and_the_older_one_was_known_before_it(desk: Desk, form: str) -> None:
    newer = {**KEYS[form], **SAID[form], "recorded_on": "20/08/2024"}
    older = {**newer, **OTHER[form], "recorded_on": "10/08/2024"}
    await desk.hand_in(form, newer)
    (before,) = await desk.records(form)
    # When the page of ten days before comes after it
    answer = await desk.hand_in(form, older)
    # Then the answer says so, and the record says what it said
    assert (answer["corrected"], answer["refused"]) == (1, []), answer
    assert [(note["field"], note["rule"]) for note in answer["notes"]] == [("recorded_on", "older_page")]
    (record,) = await desk.records(form)
    assert (record["values"], record["recorded_at"]) == (before["values"], before["recorded_at"])
    # And whoever reads the events knew the older page from its day on, until the newer one
    told = [event for event in await desk.services_of(form).events() if event.subject == record["record"]]
    held = [(version.recorded_at.day, version.data) for version, _, _ in in_force(settle(map(_Read, told)))]
    assert [day for day, _ in held] == [9, 19]
    assert held[1][1] == told[0].data
    assert held[0][1] != told[0].data
    # The same pages again, in any order, change nothing.
    again = await desk.hand_in(form, older, newer)
    assert again["unchanged"] == 2, again
    assert (await desk.hand_in(form, newer))["unchanged"] == 1


class _Read:
    """A version as a consumer reads it off its event; the record times are of Greenwich, a day before."""

    def __init__(self, event: Any) -> None:
        self.sequence, self.event_id, self.recorded_at = event.sequence, event.id, event.recordedtime
        self.data = event.data


async def test_a_withdrawal_from_before_the_record_is_refused(desk: Desk) -> None:
    await desk.hand_in(
        "drug_cases", {**KEYS["drug_cases"], **SAID["drug_cases"], "recorded_on": "20/08/2024"}
    )
    void = {"case_no": "K-4", "void": "x", "recorded_on": "10/08/2024"}
    answer = await desk.hand_in("drug_cases", void)
    assert [(fault["field"], fault["rule"]) for fault in answer["refused"]] == [
        ("recorded_on", "void_before")
    ]
    assert (await desk.hand_in("drug_cases", {**void, "recorded_on": None}))["withdrawn"] == 1


async def test_a_page_of_before_a_withdrawal_does_not_bring_the_record_back(desk: Desk) -> None:
    row = {**KEYS["drug_cases"], **SAID["drug_cases"]}
    await desk.hand_in("drug_cases", {**row, "recorded_on": "10/08/2024"})
    await desk.hand_in("drug_cases", {"case_no": "K-4", "void": "x", "recorded_on": "20/08/2024"})
    answer = await desk.hand_in("drug_cases", {**row, "subjects": "2", "recorded_on": "15/08/2024"})
    assert (answer["restored"], answer["corrected"]) == (0, 1)
    assert [record["voided"] for record in await desk.records("drug_cases")] == [True]
    # A page of after it does.
    answer = await desk.hand_in("drug_cases", {**row, "recorded_on": "25/08/2024"})
    assert answer["restored"] == 1
