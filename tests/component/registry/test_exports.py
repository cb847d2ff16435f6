"""More than fifty identities: an export by an official of the unit, with a second person; and looks by break-glass."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.chassis.security import Principal
from services.registry.app import compose
from tests.component.registry.conftest import NOW
from tests.support.callers import bearer, client_of, known_to
from tests.support.registers import Service

UNIT, PROVINCE = "police:10513", "police:30"
RECORDS = "/v1/forms/registry/records"
AT_ONCE = 30
"""How many people of others somebody of the police sees by name within an hour in `registry` (`limits.csv`)."""
EXPORT = 51
"""From how many people on it is an export (`own_unit_above_50`)."""
ALL = EXPORT + 9
LONG_AGO = int(NOW.timestamp()) - 7200
PEOPLE = {
    "clerk": Principal(UNIT, "10513", "clerk", "clerk"),
    "official": Principal(UNIT, "10513", "official", "official"),
    "second": Principal(UNIT, "10513", "official", "second"),
    "official, long ago": Principal(UNIT, "10513", "official", "official", signed_in_at=LONG_AGO),
    "second, long ago": Principal(UNIT, "10513", "official", "second", signed_in_at=LONG_AGO),
    "elsewhere": Principal("police:10516", "10516", "official", "elsewhere"),
    "elsewhere, long ago": Principal("police:10516", "10516", "official", "elsewhere", signed_in_at=LONG_AGO),
    "second elsewhere": Principal("police:10516", "10516", "official", "second-elsewhere"),
    "above": Principal(PROVINCE, "30", "clerk", "above"),
    "admin": Principal("ubnd:30", "30", "admin", "admin"),
    "other-admin": Principal("ubnd:30", "30", "admin", "other-admin"),
    "admin, long ago": Principal("ubnd:30", "30", "admin", "admin", signed_in_at=LONG_AGO),
    "other-admin, long ago": Principal("ubnd:30", "30", "admin", "other-admin", signed_in_at=LONG_AGO),
}


def _row(number: int) -> dict[str, Any]:
    return {
        "record_no": f"HS-{number:02}",
        "full_name": f"Phạm Văn Canary {number}",
        "birth_date": "02/05/1988",
        "sex": "Nam",
        "national_id": f"0300880043{number:02}",
        "commune_code": "10513",
        "status": "user",
        "status_from": "10/01/2023",
    }


class Moved:
    """A clock that can be put on."""

    ahead = timedelta()

    def __call__(self) -> Any:
        return NOW + self.ahead


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
async def client(registry: Service, clock: Moved) -> AsyncIterator[httpx.AsyncClient]:
    """The service with sixty people of one unit, known to all who call."""
    rows = [_row(number) for number in range(ALL)]
    answer = await registry.post_rows("registry", rows, unit=UNIT)
    assert answer["accepted"] == ALL, answer
    async with client_of(known_to(registry.platform, PEOPLE, clock), compose) as made:
        yield made


async def page(
    client: httpx.AsyncClient, who: str, approval: str = "", *, purpose: str = "inspection", **more: Any
) -> httpx.Response:
    """One page of the unit's records."""
    stated = ({"Khopso-Purpose": purpose} if purpose else {}) | (
        {"Khopso-Approval": approval} if approval else {}
    )
    given: dict[str, Any] = {"unit": UNIT, "limit": ALL} | more
    return await client.get(RECORDS, params=given, headers=bearer(who, **stated))


async def approved(client: httpx.AsyncClient, action: str, asker: str, second: str, rows: int = ALL) -> str:
    """An approval for the unit's records."""
    wanted = {"action": action, "form": "registry", "unit": UNIT, "rows": rows, "reason": "court order"}
    asked = await client.post("/v1/approvals", json=wanted, headers=bearer(asker))
    assert asked.status_code == 201, asked.text
    number = str(asked.json()["id"])
    verdict = f"/v1/approvals/{number}/decision"
    done = await client.post(verdict, json={"approve": True}, headers=bearer(second))
    assert done.status_code == 200, done.text
    return number


def named(answer: httpx.Response) -> int:
    """How many people an answer names."""
    return answer.text.count("Canary")


async def test_a_clerk_of_the_unit_works_with_all_its_people_and_nobody_else_reads_more_than_the_limit_an_hour(
    client: httpx.AsyncClient, clock: Moved
) -> None:
    # Given sixty people of one unit: its own clerk reads them as often as he works with them
    for _ in range(2):
        assert named(await page(client, "clerk")) == ALL
    # When a clerk above reads them page by page, then he gets the limit, and no more by asking side by side
    assert named(await page(client, "above", limit=AT_ONCE - 5)) == AT_ONCE - 5
    answers = await asyncio.gather(*(page(client, "above", limit=5) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403]
    refused = await page(client, "above", limit=1)
    assert (refused.status_code, refused.json()["rule"]) == (403, "too_many_identities")
    assert "người thứ hai" in refused.json()["message"]["vi"]
    assert named(refused) == 0
    # And after an hour again
    clock.ahead = timedelta(hours=1)
    assert named(await page(client, "above", limit=AT_ONCE)) == AT_ONCE


async def test_an_official_exports_the_units_people_once_with_a_second_person(
    client: httpx.AsyncClient,
) -> None:
    # Given an official, who of the unit's rows reads those of people under 18 alone, and here are none
    assert (await page(client, "official")).json()["records"] == []
    # When another official of the unit has approved, then pages come until all were shown, and not once more
    approval = await approved(client, "export_identities", "official", "second")
    first = await page(client, "official", approval, limit=40)
    assert named(first) == 40
    rest = await page(client, "official", approval, limit=40, after=first.json()["next"])
    assert named(rest) == ALL - 40
    assert (await page(client, "official", approval)).status_code == 403
    # And an approval opens neither another form nor another unit, nor more people than were named
    few = await approved(client, "export_identities", "official", "second", EXPORT)
    more = await page(client, "official", few)
    assert (more.status_code, more.json()["rule"]) == (403, "approval_rows")
    assert (await page(client, "official", few, unit="police:10516")).status_code == 403
    assert (await page(client, "second", few)).status_code == 403


async def test_an_export_wants_a_fresh_sign_in_of_both_and_a_purpose(
    client: httpx.AsyncClient, registry: Service
) -> None:
    # Given officials who signed in two hours ago: neither asks for an export nor approves one
    wanted = {"action": "export_identities", "form": "registry", "unit": UNIT, "rows": 500} | {
        "reason": "inspection"
    }
    asked = await client.post("/v1/approvals", json=wanted, headers=bearer("official, long ago"))
    assert (asked.status_code, asked.json()["rule"]) == (401, "step_up_required")
    number = (await client.post("/v1/approvals", json=wanted, headers=bearer("official"))).json()["id"]
    verdict = f"/v1/approvals/{number}/decision"
    decided = await client.post(verdict, json={"approve": True}, headers=bearer("second, long ago"))
    assert (decided.status_code, decided.json()["rule"]) == (401, "step_up_required")
    done = await client.post(verdict, json={"approve": True}, headers=bearer("second"))
    assert done.status_code == 200
    # When the export is read without a purpose, or begun with the old sign-in, then nobody is named
    silent = await page(client, "official", number, purpose="")
    assert (silent.status_code, silent.json()["rule"], named(silent)) == (400, "purpose_missing", 0)
    old = await page(client, "official, long ago", number)
    assert (old.status_code, old.json()["rule"], named(old)) == (401, "step_up_required", 0)
    # And with both, people are named, page by page also when the sign-in is no longer fresh, and the audit has the purpose
    assert named(await page(client, "official", number, limit=40)) == 40
    assert named(await page(client, "official, long ago", number, limit=20)) == 20
    rows = await registry.query("SELECT purpose FROM audit WHERE identities > 0 AND subject = 'official'")
    assert [row.purpose for row in rows] == ["inspection", "inspection"]


async def test_an_official_of_the_commune_reads_the_units_people_under_18_and_nobody_else_of_it(
    client: httpx.AsyncClient, registry: Service
) -> None:
    # Given two people under 18 among the sixty adults of the commune
    young = [
        {**_row(number), "full_name": f"Trẻ Con {number}", "birth_date": "02/05/2010", "national_id": None}
        for number in (97, 98)
    ]
    assert (await registry.post_rows("registry", young, unit=UNIT))["accepted"] == 2
    # When an official of the commune asks, then pages have the two alone: adults are neither shown nor counted
    first = (await page(client, "official", limit=1)).json()
    rest = (await page(client, "official", limit=1, after=first["next"])).json()
    found = [*first["records"], *rest["records"]]
    assert [(one["values"]["full_name"], one["minor"]) for one in found] == [
        ("Trẻ Con 97", True),
        ("Trẻ Con 98", True),
    ]
    assert rest["next"] is None
    # And it is written down as a look, with the purpose
    looks = await registry.query("SELECT of_unit, subject, identities, purpose FROM look ORDER BY id")
    assert [tuple(look) for look in looks] == [(UNIT, "official", 1, "inspection")] * 2
    # And neither without a purpose, nor with an old sign-in, nor in another commune
    assert (await page(client, "official", purpose="")).status_code == 403
    assert (await page(client, "official, long ago")).status_code == 403
    assert (await page(client, "official", unit="police:10516")).status_code == 403
    # And a clerk of the commune sees the rows of the two without who they are
    clerk = (await page(client, "clerk", limit=100)).json()["records"]
    assert {one["minor"] for one in clerk if "full_name" not in one["values"]} == {True}


async def test_an_administrator_reads_by_break_glass_for_an_hour(
    client: httpx.AsyncClient, clock: Moved, registry: Service
) -> None:
    # Given an administrator, to whom all rows are closed
    assert (await page(client, "admin")).status_code == 403
    # When another administrator has approved, then he reads what was asked for
    approval = await approved(client, "read", "admin", "other-admin")
    assert named(await page(client, "admin", approval, limit=2)) == 2
    # And the unit sees it
    looks = await registry.query("SELECT of_unit, subject, identities FROM look")
    assert [tuple(look) for look in looks] == [(UNIT, "admin", 2)]
    # And after an hour nothing
    clock.ahead = timedelta(hours=1)
    assert (await page(client, "admin", approval, limit=2)).status_code == 403


async def test_breaking_the_glass_opens_neither_the_search_nor_a_record_s_page(
    client: httpx.AsyncClient,
) -> None:
    """An approval is of one register of one unit, and of a number of its rows."""
    approval = await approved(client, "read", "admin", "other-admin")
    (listed,) = (await page(client, "admin", approval, limit=1)).json()["records"]
    headers = bearer("admin", **{"Khopso-Purpose": "inspection", "Khopso-Approval": approval})
    searched = await client.post("/v1/records/search", json={"name": "Canary"}, headers=headers)
    shown = await client.get(f"/v1/records/{listed['record']}", headers=headers)
    assert (searched.status_code, shown.status_code) == (403, 403)
    assert named(searched) + named(shown) == 0


async def test_breaking_the_glass_wants_a_fresh_sign_in_of_both_and_a_purpose_that_the_unit_sees(
    client: httpx.AsyncClient, registry: Service
) -> None:
    # Given administrators who signed in two hours ago: neither asks to break the glass nor approves it
    wanted = {"action": "read", "form": "registry", "unit": UNIT, "rows": ALL, "reason": "court order"}
    asked = await client.post("/v1/approvals", json=wanted, headers=bearer("admin, long ago"))
    assert (asked.status_code, asked.json()["rule"]) == (401, "step_up_required")
    number = (await client.post("/v1/approvals", json=wanted, headers=bearer("admin"))).json()["id"]
    verdict = f"/v1/approvals/{number}/decision"
    decided = await client.post(verdict, json={"approve": True}, headers=bearer("other-admin, long ago"))
    assert (decided.status_code, decided.json()["rule"]) == (401, "step_up_required")
    done = await client.post(verdict, json={"approve": True}, headers=bearer("other-admin"))
    assert done.status_code == 200
    # When it is read without a purpose, or begun with the old sign-in, then nobody is named
    silent = await page(client, "admin", number, purpose="")
    assert (silent.status_code, silent.json()["rule"], named(silent)) == (400, "purpose_missing", 0)
    old = await page(client, "admin, long ago", number)
    assert (old.status_code, old.json()["rule"], named(old)) == (401, "step_up_required", 0)
    # And with both the people are named, and the unit sees who looked and what for
    assert named(await page(client, "admin", number, limit=2)) == 2
    looks = await registry.query("SELECT of_unit, subject, identities, purpose FROM look")
    assert [tuple(look) for look in looks] == [(UNIT, "admin", 2, "inspection")]


async def test_an_opened_register_without_anybody_asks_for_the_same_guards(client: httpx.AsyncClient) -> None:
    wanted = {
        "action": "read",
        "form": "registry",
        "unit": "police:10516",
        "rows": 9,
        "reason": "court order",
    }
    number = (await client.post("/v1/approvals", json=wanted, headers=bearer("admin"))).json()["id"]
    verdict = f"/v1/approvals/{number}/decision"
    assert (
        await client.post(verdict, json={"approve": True}, headers=bearer("other-admin"))
    ).status_code == 200
    silent = await page(client, "admin", number, purpose="", unit="police:10516")
    assert (silent.status_code, silent.json()["rule"]) == (400, "purpose_missing")
    assert (await page(client, "admin", number, unit="police:10516")).json()["records"] == []


async def test_an_approved_export_opens_a_match_for_as_many_people_once(client: httpx.AsyncClient) -> None:
    # Given a list of all sixty, and an official to whom the unit's rows are closed otherwise
    listed = [{"row": number, "values": {"record_no": f"HS-{number:02}"}} for number in range(1, ALL)]
    body = {"rows": listed, "unit": UNIT, "columns": ["record_no"]}
    route = "/v1/forms/registry/matches"
    assert (await client.post(route, json=body, headers=bearer("official"))).status_code == 403
    # When another official of the unit has approved, then the list is matched once
    approval = await approved(client, "export_identities", "official", "second")
    opened = bearer("official", **{"Khopso-Approval": approval, "Khopso-Purpose": "inspection"})
    silent = await client.post(route, json=body, headers=bearer("official", **{"Khopso-Approval": approval}))
    assert (silent.status_code, silent.json()["rule"]) == (400, "purpose_missing")
    first, again = [await client.post(route, json=body, headers=opened) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert named(first) == ALL
    assert again.status_code == 403


async def test_an_approved_match_that_finds_nobody_asks_for_the_same_guards(
    client: httpx.AsyncClient,
) -> None:
    # Given an approval for the register of a commune that has none, of which a match would still tell how many rows it has
    unit = "police:10516"
    wanted = {"action": "export_identities", "form": "registry", "unit": unit, "rows": EXPORT}
    asked = await client.post(
        "/v1/approvals", json=wanted | {"reason": "inspection"}, headers=bearer("elsewhere")
    )
    number = asked.json()["id"]
    verdict = f"/v1/approvals/{number}/decision"
    done = await client.post(verdict, json={"approve": True}, headers=bearer("second elsewhere"))
    assert done.status_code == 200
    # When it is matched without a purpose, or with an old sign-in, then there is no answer
    body, route = {"rows": [], "unit": unit, "columns": ["record_no"]}, "/v1/forms/registry/matches"
    for who, purpose, refused in (
        ("elsewhere", {}, 400),
        ("elsewhere, long ago", {"Khopso-Purpose": "inspection"}, 401),
    ):
        headers = bearer(who, **{"Khopso-Approval": number}, **purpose)
        assert (await client.post(route, json=body, headers=headers)).status_code == refused, who
