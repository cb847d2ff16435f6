"""A record has an address: values, history, neighbours and events, for whoever may read the record, and for nobody else."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.chassis.security import Units, at_once
from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY, SECRETS

ROW = {**IDENTITY, "record_no": "HS-1", "status": "user", "status_from": "01/03/2024"}
OWN, NEXT, ABOVE = "police:10525", "police:10532", "police:31"
DAY = date(2026, 3, 2)
PURPOSE = {"Khopso-Purpose": "inspection"}

pytestmark = pytest.mark.usefixtures("nobody_looked_at")


async def ask(
    desk: Desk, record: object, unit: str = OWN, role: str = "clerk", *, form: str = "registry", **more: str
) -> httpx.Response:
    """The answer at a record's address."""
    service = desk.services_of(form)
    return await service.client.get(f"/v1/records/{record}", headers=service.as_(role, unit, **more))


async def entered(desk: Desk, *rows: Mapping[str, Any], form: str = "registry") -> str:
    """The id of the form's only record, after these rows were handed in one after the other."""
    for row in rows:
        answer = await desk.hand_in(form, dict(row))
        assert not answer["refused"], answer
    (found,) = await desk.services_of(form).query("SELECT record_id FROM record WHERE form = :f", f=form)
    return str(found[0])


def said(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    found.pop("correlationid", None)
    found.pop("instance", None)
    return found


async def test_history_says_who_when_and_what_changed(desk: Desk) -> None:
    record = await entered(
        desk,
        ROW,
        {**ROW, "status": "addict", "full_name": "Nguyễn Văn Thủ"},
        {"record_no": "HS-1", "status_from": "01/03/2024", "void": "x"},
        {**ROW, "status": "addict"},
    )
    answer = await ask(desk, record)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["form"], found["unit"], found["number"]) == ("registry", OWN, "HS-1 / 2024-03-01")
    assert (found["voided"], found["minor"]) == (False, False)
    assert found["values"]["full_name"] == IDENTITY["full_name"]
    assert [step["step"] for step in found["history"]] == ["entered", "corrected", "withdrawn", "restored"]
    assert {step["handed_in_by"] for step in found["history"]} == {"test-clerk"}
    assert [step["changes"] for step in found["history"]] == [
        [],
        [
            {"field": "full_name", "old": IDENTITY["full_name"], "new": "Nguyễn Văn Thủ"},
            {"field": "status", "old": "user", "new": "addict"},
        ],
        [],
        [{"field": "full_name", "old": "Nguyễn Văn Thủ", "new": IDENTITY["full_name"]}],
    ]


async def test_a_withdrawn_record_keeps_its_number_and_its_history(desk: Desk) -> None:
    record = await entered(desk, ROW, {"record_no": "HS-1", "status_from": "01/03/2024", "void": "x"})
    found = (await ask(desk, record)).json()
    assert (found["number"], found["voided"]) == ("HS-1 / 2024-03-01", True)
    assert [step["step"] for step in found["history"]] == ["entered", "withdrawn"]


async def test_an_older_page_stands_where_it_belongs(desk: Desk) -> None:
    older = {**ROW, "status": "addict", "recorded_on": "10/03/2024"}
    record = await entered(desk, {**ROW, "recorded_on": "20/03/2024"}, older)
    steps = (await ask(desk, record)).json()["history"]
    changes = [{"field": "status", "old": "addict", "new": "user"}]
    assert [step["changes"] for step in steps] == [[], changes]
    assert [step["recorded_at"][:10] for step in steps] == ["2024-03-09", "2024-03-19"]


async def test_events_are_named_without_what_they_say(desk: Desk) -> None:
    record = await entered(desk, ROW, {**ROW, "status": "addict"})
    events = (await ask(desk, record)).json()["events"]
    assert [(event["topic"], event["sequence"]) for event in events] == [
        ("registry.records", 1),
        ("registry.records", 2),
    ]
    assert events[0].keys() == {"topic", "type", "sequence", "recorded_at", "sent_at"}
    told = json.dumps(events, ensure_ascii=False)
    assert not [word for word in SECRETS if word in told]


async def test_records_of_one_number_name_each_other(desk: Desk) -> None:
    for day in ("01/03/2024", "01/09/2024"):
        await desk.hand_in("registry", {**ROW, "status_from": day})
    first, second = [record["record"] for record in await desk.records("registry")]
    found = (await ask(desk, first)).json()["others"]
    assert [(other["record"], other["voided"]) for other in found] == [(second, False)]


async def test_a_record_of_no_person_has_an_address_too(desk: Desk) -> None:
    row = {
        "case_no": "K-4",
        "commune_code": "10513",
        "detected_on": "06/08/2024",
        "offence": "possession",
        "subjects": "3",
    }
    record = await entered(desk, row, {**row, "subjects": "1"}, form="drug_cases")
    found = (await ask(desk, record, ABOVE, form="drug_cases")).json()
    assert (found["number"], found["minor"], found["person"]) == ("K-4", None, None)
    assert found["history"][1]["changes"] == [{"field": "subjects", "old": 3, "new": 1}]


@pytest.mark.parametrize("role", ["clerk", "official"])
@pytest.mark.parametrize("unit", [NEXT, "health:31", "committee:31", "TT-00"])
async def test_a_record_of_others_is_answered_like_one_that_is_not_there(
    desk: Desk, role: str, unit: str
) -> None:
    record = await entered(desk, ROW)
    there = await ask(desk, record, unit, role, **PURPOSE)
    nowhere = await ask(desk, UUID(int=1), unit, role, **PURPOSE)
    assert there.status_code == (404 if role == "clerk" else 403)
    assert (there.status_code, said(there)) == (nowhere.status_code, said(nowhere))


@pytest.mark.parametrize("role", ["analyst", "admin", "operator"])
async def test_who_reads_no_rows_is_refused_before_anything_is_looked_up(desk: Desk, role: str) -> None:
    record = await entered(desk, ROW)
    answers = [await ask(desk, each, ABOVE, role, **PURPOSE) for each in (record, UUID(int=1))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert said(answers[0]) == said(answers[1])


async def test_an_office_above_reads_who_it_is_with_a_purpose_and_the_unit_sees_it(desk: Desk) -> None:
    record = await entered(desk, ROW, {**ROW, "full_name": "Nguyễn Văn Thủ", "status": "addict"})
    service = desk.services_of("registry")
    # Without a purpose: what the record says, and nothing of who it is about, in history neither
    plain = await ask(desk, record, ABOVE)
    assert plain.json()["history"][1]["changes"] == [{"field": "status", "old": "user", "new": "addict"}]
    assert (plain.json()["person"], plain.json()["minor"]) == (None, None)
    assert not [word for word in (*SECRETS, "Thủ") if word in plain.text]
    assert await service.query("SELECT 1 FROM look") == []
    # With one: the person, and the unit's list of looks has it
    named = await ask(desk, record, ABOVE, **PURPOSE)
    assert named.json()["values"]["full_name"] == "Nguyễn Văn Thủ"
    (look,) = await service.query("SELECT of_unit, unit, form, identities, purpose FROM look")
    assert tuple(look) == (OWN, ABOVE, "registry", 1, "inspection")
    # And the unit's own clerk needs none
    assert (await ask(desk, record)).json()["values"]["full_name"] == "Nguyễn Văn Thủ"


async def test_looks_at_records_count_to_the_limit_of_an_hour(desk: Desk) -> None:
    record = await entered(desk, ROW)
    most = at_once("registry", Units().on(ABOVE, DAY), DAY)
    answers = [(await ask(desk, record, ABOVE, **PURPOSE)).status_code for _ in range(most + 1)]
    assert answers == [200] * most + [403]
    assert (await ask(desk, record)).status_code == 200


async def test_who_somebody_under_18_is_stays_untold_by_any_version(desk: Desk) -> None:
    child = {**ROW, "full_name": "Trẻ Văn Con", "birth_date": "17/08/2010", "national_id": ""}
    record = await entered(desk, child, {**child, "birth_date": "17/08/2000"})
    for answer in (await ask(desk, record), await ask(desk, record, ABOVE, **PURPOSE)):
        found = answer.json()
        assert (found["minor"], found["person"]) == (True, None)
        assert "full_name" not in found["values"]
        assert found["history"][1]["changes"] == []
        assert not [word for word in ("Trẻ Văn", "2010-08", "2000-08") if word in answer.text]


async def named(
    desk: Desk, records: list[str], unit: str, role: str = "clerk", **more: str
) -> httpx.Response:
    """What records of a list are called."""
    service = desk.services_of("registry")
    headers = service.as_(role, unit, **more)
    return await service.client.post("/v1/records/named", json={"records": records}, headers=headers)


async def test_records_of_a_list_are_named_to_whom_may_know_them(desk: Desk) -> None:
    record = await entered(desk, ROW)
    nobody = str(UUID(int=1))
    # The unit itself by number and name; others like records that there are not
    (one,) = (await named(desk, [record, nobody], OWN)).json()["records"]
    assert (one["number"], one["name"]) == ("HS-1 / 2024-03-01", IDENTITY["full_name"])
    for unit in (NEXT, "health:31", "committee:31"):
        assert (await named(desk, [record], unit, **PURPOSE)).json() == {"records": []}
    # The office above by number, with a purpose by name, which its unit sees
    (one,) = (await named(desk, [record], ABOVE)).json()["records"]
    assert (one["number"], one["name"]) == ("HS-1 / 2024-03-01", None)
    (one,) = (await named(desk, [record], ABOVE, **PURPOSE)).json()["records"]
    assert one["name"] == IDENTITY["full_name"]
    (look,) = await desk.services_of("registry").query("SELECT of_unit, unit, identities FROM look")
    assert tuple(look) == (OWN, ABOVE, 1)
    # Its official, who sees lists with a purpose alone, by number
    assert (await named(desk, [record], ABOVE, "official")).json() == {"records": []}
    (one,) = (await named(desk, [record], ABOVE, "official", **PURPOSE)).json()["records"]
    assert (one["number"], one["name"]) == ("HS-1 / 2024-03-01", None)


async def test_somebody_under_18_is_named_by_number_alone(desk: Desk) -> None:
    record = await entered(desk, {**ROW, "birth_date": "17/08/2010", "national_id": ""})
    for unit in (OWN, ABOVE):
        (one,) = (await named(desk, [record], unit, **PURPOSE)).json()["records"]
        assert (one["number"], one["name"]) == ("HS-1 / 2024-03-01", None)


@pytest.mark.parametrize(("unit", "role"), [(OWN, "clerk"), (ABOVE, "clerk")])
async def test_no_correction_of_a_birth_date_opens_a_name_in_lists_and_matches(
    desk: Desk, unit: str, role: str
) -> None:
    # Given somebody under 18, and a correction that makes the person older and leaves the rest of the row out
    child = {**ROW, "full_name": "Trẻ Văn Con", "birth_date": "17/08/2010", "national_id": ""}
    corrected = {"record_no": ROW["record_no"], "status_from": ROW["status_from"], "birth_date": "17/08/2000"}
    await entered(desk, child, corrected)
    service = desk.services_of("registry")
    headers = service.as_(role, unit, **PURPOSE)
    # When the register is listed, then the record is of a minor as before, and names nobody
    listed = await service.client.get(f"/v1/forms/registry/records?unit={OWN}", headers=headers)
    (record,) = listed.json()["records"]
    assert record["minor"] is True
    assert not {"full_name", "birth_date", "national_id"} & record["values"].keys()
    # When a list is held against it, then it is found by number alone, and no name is told or confirmed
    for row in ({**child, "record_no": "HS-2"}, {**child, "full_name": "Không Phải"}):
        body = {"unit": OWN, "rows": [{"row": 2, "values": row}]}
        matched = await service.client.post("/v1/forms/registry/matches", json=body, headers=headers)
        assert matched.status_code == 200, matched.text
        assert "Trẻ Văn" not in matched.text
        assert all(item["person"] is None and not item["fields"] for item in matched.json()["items"])
    assert await service.query("SELECT 1 FROM look") == []
