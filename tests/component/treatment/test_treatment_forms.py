"""Every form of `treatment` by HTTP: rows in, records and contract-valid events out."""

import pytest

from tests.support.keepers import KEEPERS
from tests.support.register_rows import CLINICIAN, FACILITY, FULL, TYPES
from tests.support.registers import Service, types

FORMS = ["facilities", "clinicians", "determination", "methadone", "doses", "detox", "post_detox", "targets"]


async def _with_directory(treatment: Service) -> int:
    await treatment.post_rows("facilities", [FACILITY])
    await treatment.post_rows("clinicians", [CLINICIAN])
    return len(await treatment.events())


@pytest.mark.parametrize("form", FORMS)
async def test_a_full_row_is_accepted_once_and_published_with_one_snapshot(
    treatment: Service, form: str
) -> None:
    before = await _with_directory(treatment) if form == "determination" else 0
    first = await treatment.post_row(form, FULL[form])
    assert first.status_code == 201, first.text
    again = await treatment.post_row(form, FULL[form])
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["record"] == first.json()["record"]
    events = (await treatment.events())[before:]
    assert types(events) == TYPES[form]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert {event.subject for event in events} == {first.json()["record"]}
    assert len({event.recordedtime for event in events}) == 1
    assert len({event.model_dump_json(include={"data"}) for event in events}) == 1
    assert {event.unit for event in events} == {KEEPERS[form]}
