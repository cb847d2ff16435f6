"""Every form of `incidents` by HTTP: rows in, records and contract-valid events out."""

import pytest

from tests.support.register_rows import FULL, TYPES
from tests.support.registers import Service, types

FORMS = ["fires", "drug_cases", "arrests", "conflicts", "places", "area_classes"]


@pytest.mark.parametrize("form", FORMS)
async def test_a_full_row_is_accepted_once_and_published_with_one_snapshot(
    incidents: Service, form: str
) -> None:
    first = await incidents.post_row(form, FULL[form])
    assert first.status_code == 201, first.text
    again = await incidents.post_row(form, FULL[form])
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    events = await incidents.events()
    assert types(events) == TYPES[form]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert {event.subject for event in events} == {first.json()["record"]}
    assert len({event.model_dump_json(include={"data"}) for event in events}) == 1
    assert {event.area for event in events} == {"10513@2008"}


async def test_a_fire_is_told_at_its_hours_and_vietnamese_days(incidents: Service) -> None:
    await incidents.post_row("fires", FULL["fires"])
    events = await incidents.events()
    assert [event.time.isoformat() for event in events] == [
        "2023-01-05T16:50:00+00:00",
        "2023-01-05T17:30:00+00:00",
        "2023-01-05T18:10:00+00:00",
    ]
    assert [event.occurredon.day for event in events] == [5, 6, 6]


async def test_a_class_of_another_scheme_is_refused(incidents: Service) -> None:
    row = {**FULL["area_classes"], "scheme": "drug_hot"}
    answer = await incidents.post_row("area_classes", row)
    assert answer.status_code == 422
    assert [(e["field"], e["rule"]) for e in answer.json()["errors"]] == [("class", "class_of_scheme")]


async def test_an_arrest_is_one_record_by_number_or_by_name_and_birth(incidents: Service) -> None:
    row = {**FULL["arrests"], "national_id": "", "full_name": "Nguyễn Văn Hoà", "birth_date": "1990"}
    accepted = await incidents.post_row("arrests", row)
    assert accepted.status_code == 201
    spelled = await incidents.post_row("arrests", {**row, "full_name": "NGUYỄN VĂN HÒA"})
    assert spelled.json()["record"] == accepted.json()["record"]
    withdrawn = await incidents.post_row(
        "arrests", {"case_no": "MT-1", "full_name": "nguyễn văn hòa", "birth_date": "1990", "void": "có"}
    )
    assert (withdrawn.status_code, withdrawn.json()["record"]) == (200, accepted.json()["record"])
    events = await incidents.events()
    assert events[-1].type == "incidents.arrest.voided.v1"
    assert str(events[-1].data.person_ref) == str(events[0].data.person.ref)


async def test_numbers_left_blank_are_zero_and_what_is_not_known_stays_unknown(incidents: Service) -> None:
    row = {
        key: value
        for key, value in FULL["fires"].items()
        if key in ("incident_no", "commune_code", "alarm_at", "place")
    }
    assert (await incidents.post_row("fires", row)).status_code == 201
    data = (await incidents.events())[0].data
    assert (data.deaths, data.injured, data.damage_vnd, data.cause, data.counts_as_case) == (
        0,
        0,
        None,
        None,
        True,
    )
