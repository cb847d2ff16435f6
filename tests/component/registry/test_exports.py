"""More than fifty identities: an export by an official of the unit, with a second person; and looks by break-glass."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.chassis.security import AT_ONCE, Principal
from services.registry.app import compose
from tests.component.registry.conftest import NOW
from tests.support.callers import bearer, client_of, known_to
from tests.support.registers import Service

UNIT, PROVINCE = "police:10513", "police:30"
RECORDS = "/v1/forms/registry/records"
ALL = AT_ONCE + 10
PEOPLE = {
    "clerk": Principal(UNIT, "10513", "clerk", "clerk"),
    "official": Principal(UNIT, "10513", "official", "official"),
    "second": Principal(UNIT, "10513", "official", "second"),
    "above": Principal(PROVINCE, "30", "clerk", "above"),
    "admin": Principal("ubnd:30", "30", "admin", "admin"),
    "other-admin": Principal("ubnd:30", "30", "admin", "other-admin"),
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
    rows = [
        {
            "record_no": f"HS-{number:02}",
            "full_name": f"Phạm Văn Canary {number}",
            "birth_date": "02/05/1988",
            "sex": "Nam",
            "national_id": f"0300880043{number:02}",
            "commune_code": "10513",
            "status": "user",
            "status_from": "10/01/2023",
        }
        for number in range(ALL)
    ]
    answer = await registry.post_rows("registry", rows, unit=UNIT)
    assert answer["accepted"] == ALL, answer
    async with client_of(known_to(registry.platform, PEOPLE, clock), compose) as made:
        yield made


async def page(client: httpx.AsyncClient, who: str, approval: str = "", **more: Any) -> httpx.Response:
    """One page of the unit's records."""
    stated = {"Khopso-Purpose": "inspection"} | ({"Khopso-Approval": approval} if approval else {})
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


async def test_a_clerk_of_the_unit_works_with_all_its_people_and_nobody_else_reads_more_than_fifty_an_hour(
    client: httpx.AsyncClient, clock: Moved
) -> None:
    # Given sixty people of one unit: its own clerk reads them as often as he works with them
    for _ in range(2):
        assert named(await page(client, "clerk")) == ALL
    # When a clerk above reads them page by page, then he gets fifty, and no more by asking side by side
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
    # Given an official, to whom the unit's rows are closed
    assert (await page(client, "official")).status_code == 403
    # When another official of the unit has approved, then pages come until all were shown, and not once more
    approval = await approved(client, "export_identities", "official", "second")
    first = await page(client, "official", approval, limit=40)
    assert named(first) == 40
    rest = await page(client, "official", approval, limit=40, after=first.json()["next"])
    assert named(rest) == ALL - 40
    assert (await page(client, "official", approval)).status_code == 403
    # And an approval opens neither another form nor another unit, nor more people than were named
    few = await approved(client, "export_identities", "official", "second", AT_ONCE + 1)
    more = await page(client, "official", few)
    assert (more.status_code, more.json()["rule"]) == (403, "approval_rows")
    assert (await page(client, "official", few, unit="police:10516")).status_code == 403
    assert (await page(client, "second", few)).status_code == 403


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


async def test_an_approved_export_opens_a_match_for_as_many_people_once(client: httpx.AsyncClient) -> None:
    # Given a list of all sixty, and an official to whom the unit's rows are closed otherwise
    listed = [{"row": number, "values": {"record_no": f"HS-{number:02}"}} for number in range(1, ALL)]
    body = {"rows": listed, "unit": UNIT, "columns": ["record_no"]}
    route = "/v1/forms/registry/matches"
    assert (await client.post(route, json=body, headers=bearer("official"))).status_code == 403
    # When another official of the unit has approved, then the list is matched once
    approval = await approved(client, "export_identities", "official", "second")
    opened = bearer("official", **{"Khopso-Approval": approval})
    first, again = [await client.post(route, json=body, headers=opened) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert named(first) == ALL
    assert again.status_code == 403
