"""What clerks see: rows handed in, and which records are of one human being, each within their scope."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from services.chassis.persistence import migrations
from services.chassis.security.auth import Principal
from services.chassis.service import Running
from services.registers import HandIn, Intake, RawRow
from services.registry.app import compose
from services.registry.registers import REGISTERS
from tests.component.registry.support import Someone, arrest, hear, named, slip
from tests.support.fixtures import Broker
from tests.support.platform import platform_for
from tests.support.registers import Service
from tests.support.wait import eventually

ROW = {
    "record_no": "HS-07",
    "full_name": "Phạm Văn Canary",
    "birth_date": "02/05/1988",
    "sex": "Nam",
    "national_id": "030088004321",
    "commune_code": "10513",
    "status": "user",
    "status_from": "10/01/2023",
}
SAME = Someone("Phạm Văn Canary", date(1988, 5, 2), "030088004321")
COMMUNE = {"role": "clerk", "unit": "police:10513", "area": "10513"}
ELSEWHERE = {"role": "clerk", "unit": "police:10516", "area": "10516"}
AT_ONCE = 30
"""How many people of others somebody of the police sees by name within an hour in `registry` (`limits.csv`)."""
FOR = {"Khopso-Purpose": "inspection"}


async def own_rows(registry: Service) -> list[dict[str, Any]]:
    """The register's events as its own consumer hears them."""
    rows = await registry.query("SELECT payload FROM outbox WHERE topic = 'registry.records' ORDER BY id")
    return [orjson.loads(bytes(payload)) for (payload,) in rows]


async def linked(registry: Service) -> str:
    """A row of the district's police and an arrest of the same person by the province's; the row's reference."""
    answer = await registry.post_row("registry", ROW, **COMMUNE)
    assert answer.status_code == 201, answer.text
    rows = await own_rows(registry)
    await hear(registry.platform, rows, [arrest("a", SAME, hour=1), slip("s", SAME, hour=2, unit="TT01")])
    ref: str = rows[0]["data"]["person"]["ref"]
    return ref


async def test_clerk_sees_the_linked_records_within_scope_only(registry: Service) -> None:
    ref = await linked(registry)

    async def forms(**caller: str) -> list[tuple[Any, ...]]:
        answer = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**caller, **FOR))
        assert answer.status_code == 200, answer.text
        return [
            (each["service"], each["form"], each["units"], each["basis"]) for each in answer.json()["records"]
        ]

    both = ["name_birth_sex", "national_id"]
    row = ("registry", "registry", ["police:10513"], both)
    # Of its own person the commune learns that there is an arrest and a slip, by the authority table; not whose.
    learnt = [
        ("incidents", "arrests", list[str](), both),
        row,
        ("treatment", "determination", list[str](), both),
    ]
    assert sorted(await forms(**COMMUNE)) == learnt
    police = [("incidents", "arrests", ["police:30"], both), row]
    assert sorted(await forms(role="clerk", unit="police:30", area="30")) == police
    for role in ("clerk", "official"):
        committee = registry.as_(role, "committee:30", "30", **FOR)
        assert (await registry.client.get(f"/v1/persons/{ref}", headers=committee)).status_code == 404


@pytest.mark.parametrize("caller", [ELSEWHERE, {"role": "clerk", "unit": "TT02", "area": "30"}])
async def test_reference_out_of_scope_is_not_told_from_one_that_does_not_exist(
    registry: Service, caller: dict[str, str]
) -> None:
    ref = await linked(registry)
    outside = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**caller, **FOR))
    unknown = await registry.client.get(
        f"/v1/persons/{named('nobody')}", headers=registry.as_(**caller, **FOR)
    )
    assert (outside.status_code, unknown.status_code) == (404, 404)
    different = {"correlationid"}
    assert {k: v for k, v in outside.json().items() if k not in different} == {
        k: v for k, v in unknown.json().items() if k not in different
    }


async def test_whoever_looks_a_person_up_says_what_for_and_each_unit_sees_it(registry: Service) -> None:
    # Given a person on a commune's register whom a station determined and the province's police arrested
    ref = await linked(registry)
    # When no purpose is stated, then the answer is one for a person who is there and one who is not
    for asked in (ref, named("nobody")):
        answer = await registry.client.get(f"/v1/persons/{asked}", headers=registry.as_(**COMMUNE))
        assert (answer.status_code, answer.json()["rule"]) == (403, "purpose_needed")
    assert await registry.query("SELECT 1 FROM look") == []
    # When one is, then the other units see who looked, though the caller does not learn which units they are
    found = await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**COMMUNE, **FOR))
    assert found.status_code == 200
    looks = await registry.query("SELECT of_unit, unit, form, identities, purpose FROM look ORDER BY form")
    assert [tuple(look) for look in looks] == [
        ("police:30", "police:10513", "arrests", 1, "inspection"),
        ("TT01", "police:10513", "determination", 1, "inspection"),
    ]
    # And a refused look is none
    await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**ELSEWHERE, **FOR))
    assert len(await registry.query("SELECT 1 FROM look")) == 2


async def test_looking_people_up_counts_to_the_people_of_an_hour(registry: Service) -> None:
    # Given somebody who has looked at as many people as one may within the hour
    ref = await linked(registry)
    headers = registry.as_(**COMMUNE, **FOR)
    for _ in range(AT_ONCE):
        assert (await registry.client.get(f"/v1/persons/{ref}", headers=headers)).status_code == 200
    # When another is looked up, then the answer is a refusal that says nothing
    refused = await registry.client.get(f"/v1/persons/{ref}", headers=headers)
    assert (refused.status_code, refused.json()["rule"]) == (403, "too_many_identities")


async def test_analyst_and_stranger_may_not_look_people_up(registry: Service) -> None:
    ref = await linked(registry)
    for role in ("analyst", "admin", "operator"):
        for asked in (ref, named("nobody")):
            answer = await registry.client.get(f"/v1/persons/{asked}", headers=registry.as_(role=role))
            assert (answer.status_code, answer.json()["rule"]) == (403, "role_required")
    assert (await registry.client.get(f"/v1/persons/{ref}")).status_code == 401


async def test_reference_that_nothing_links_stands_alone(registry: Service) -> None:
    await hear(registry.platform, [arrest("a", SAME, hour=1)])
    answer = await registry.client.get(f"/v1/persons/{named('ref a')}", headers=registry.office("arrests"))
    assert answer.json()["records"] == [
        {
            "ref": str(named("ref a")),
            "service": "incidents",
            "form": "arrests",
            "units": ["police:30"],
            "basis": [],
            "known_from": None,
            "learned": [],
        }
    ]


async def test_look_up_is_logged_with_who_and_how_much_but_no_identity(registry: Service) -> None:
    ref = await linked(registry)
    with capture_logs() as lines:
        await registry.client.get(f"/v1/persons/{ref}", headers=registry.as_(**COMMUNE, **FOR))
    said = json.dumps(lines, default=str, ensure_ascii=False)
    assert "person looked up" in said
    assert ref in said
    assert "test-clerk" in said
    for secret in ("Canary", "030088004321", "1988", "HS-07"):
        assert secret not in said


async def test_refused_row_names_every_fault_in_both_languages(registry: Service) -> None:
    answer = await registry.post_row(
        "registry",
        ROW
        | {
            "presence": "absent",
            "presence_from": "01/05/1988",
            "status": "unheard",
            "birth_date": "02/05/1988",
        },
        **COMMUNE,
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    faults = {(fault["field"], fault["rule"]) for fault in answer.json()["errors"]}
    assert faults == {("presence_from", "order"), ("status", "code")}
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in answer.json()["errors"])


async def test_registry_links_its_own_rows_over_the_log_while_no_other_service_runs(
    new_database: Callable[[str], str], own_broker: Broker
) -> None:
    """Register → outbox → relay → log → person index → outbox → log, with the topics of the others missing."""
    platform = platform_for(
        new_database("registry"), own_broker.bootstrap, own_broker.flavour, service="registry"
    )
    migrations.upgrade(platform.settings, "services.registry")
    process = Running(platform, compose(platform), {"api", "consume", "relay"})
    task = asyncio.create_task(process.run())
    try:
        intake = Intake.of(platform, REGISTERS)
        rows = [
            RawRow(2, ROW | {"unit_code": "police:10513"}),
            RawRow(3, ROW | {"unit_code": "police:10516"}),
        ]
        async with platform.uow() as session:
            office = Principal("police:30", "30", "clerk", "tests")
            result = await intake.hand_in(session, HandIn("registry", rows, correlation_id="tests"), office)
        assert result.count("accepted") == 2

        async def sent() -> int:
            async with platform.uow() as session:
                query = "SELECT count(*) FROM outbox WHERE topic = 'registry.persons' AND sent_at IS NOT NULL"
                return int(await session.scalar(text(query)) or 0)

        await eventually(sent, deadline=60, message="the links of the two rows are on the log")
        assert await sent() == 4
    finally:
        process.stop()
        assert await task == 0
