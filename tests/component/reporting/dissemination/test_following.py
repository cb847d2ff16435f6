"""Following a figure: an event for every change of its values, once, and none for anything else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.catalogue import parse_event
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.subscriptions.worker import Notifier
from tests.support.callers import bearer, client_of, known_to
from tests.support.clock import FixedClock
from tests.support.reporting import CHI_LINH, HAI_DUONG, NOW, Log, fold, listed, person, queries_of

CALLERS = {
    "committee": Principal("committee:30", "30", "official", "b"),
    "analyst": Principal("committee:30", "30", "analyst", "a"),
    "labour": Principal("labour:30", "30", "official", "l"),
    "other": Principal("police:290", "290", "official", "x"),
}


@pytest.fixture
def there(platform: Platform) -> Platform:
    return known_to(platform, CALLERS, NOW)


@pytest.fixture
async def client(there: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(there, compose) as made:
        made.headers.update(bearer("committee"))
        yield made


def follower_of(platform: Platform) -> Notifier:
    return Notifier(platform, queries_of(platform))


async def follow(client: httpx.AsyncClient, **asked: str) -> str:
    answer = await client.post("/v1/follows", json=asked)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def told(platform: Platform) -> list[Any]:
    """The events in the outbox, oldest first, each read as its topic's consumers read it."""
    async with platform.uow() as session:
        connection = await raw(session)
        found = await (
            await connection.execute(
                "SELECT payload FROM outbox WHERE topic = 'reporting.figures' ORDER BY id"
            )
        ).fetchall()
    return [parse_event("reporting.figures", bytes(payload)) for (payload,) in found]


async def test_a_change_is_told_with_the_value_before_and_after(
    there: Platform, client: httpx.AsyncClient
) -> None:
    made = await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14", by="area")
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    await fold(there, log.messages)
    assert await follower_of(there).look() == 2
    total, district = await told(there)
    assert (total.data.row, total.data.old, total.data.new) == (None, 0, 1)
    assert (district.data.row, district.data.old, district.data.new) == ("288", 0, 1)
    assert (total.data.place, district.data.place) == (None, "288@2008")
    assert (total.subject, total.sequence, district.sequence) == (made, 1, 2)
    assert (total.data.as_of, total.data.area, total.unit) == (date(2023, 12, 14), "30@2008", "committee:30")


async def test_rows_that_an_older_version_named_by_code_have_not_changed(
    there: Platform, client: httpx.AsyncClient
) -> None:
    await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14", by="area")
    async with there.uow() as session:
        connection = await raw(session)
        await connection.execute(
            "UPDATE follow SET told = (SELECT jsonb_object_agg(split_part(key, '@', 1), value) FROM jsonb_each(told))"
        )
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    await fold(there, log.messages)
    assert await follower_of(there).look() == 0
    listed(log, "binh", "addict", date(2023, 1, 1))
    await fold(there, log.messages[-1:])
    assert await follower_of(there).look() == 2
    assert [event.data.row for event in await told(there)] == [None, "288"]


async def test_nothing_is_told_when_the_value_is_the_same(there: Platform, client: httpx.AsyncClient) -> None:
    await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14", area="290")
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    await fold(there, log.messages)
    follower = follower_of(there)
    assert [await follower.look(), await follower.look()] == [0, 0]
    assert await told(there) == []


async def test_every_step_is_told_once_whoever_looks(there: Platform, client: httpx.AsyncClient) -> None:
    await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14")
    log = Log()
    one, other = follower_of(there), follower_of(there)
    counts = []
    for name in ("an", "binh", "chi"):
        listed(log, name, "addict", date(2023, 1, 1), commune=CHI_LINH)
        await fold(there, log.messages)
        counts.append(await one.look() + await other.look())
    events = await told(there)
    assert counts == [1, 1, 1]
    assert [(event.sequence, event.data.old, event.data.new) for event in events] == [
        (1, 0, 1),
        (2, 1, 2),
        (3, 2, 3),
    ]


async def test_a_stock_without_a_day_moves_with_the_day(there: Platform, client: httpx.AsyncClient) -> None:
    log = Log()
    status_to = NOW.date() + timedelta(days=1)
    listed(log, "an", "addict", date(2023, 1, 1), status_to=status_to)
    await fold(there, log.messages)
    await follow(client, figure="registry.addicts_with_file")
    follower = follower_of(there)
    assert await follower.look() == 0
    tomorrow = follower_of(replace(there, clock=FixedClock(NOW + timedelta(days=1))))
    assert await tomorrow.look() == 1
    (event,) = await told(there)
    assert (event.data.as_of, event.data.old, event.data.new) == (status_to, 1, 0)


async def test_a_follow_that_ended_is_told_nothing(there: Platform, client: httpx.AsyncClient) -> None:
    made = await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14")
    assert [entry["id"] for entry in (await client.get("/v1/follows")).json()["follows"]] == [made]
    client.headers["Authorization"] = "Bearer other"
    assert (await client.delete(f"/v1/follows/{made}")).status_code == 404
    client.headers["Authorization"] = "Bearer committee"
    assert (await client.delete(f"/v1/follows/{made}")).status_code == 204
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    await fold(there, log.messages)
    assert await follower_of(there).look() == 0


async def test_only_what_a_unit_may_ask_can_be_followed(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "Bearer other"
    asked = {"figure": "registry.addicts_with_file", "as_of": "2023-12-14"}
    assert (await client.post("/v1/follows", json=asked)).status_code == 403
    wrong = {"figure": "registry.addicts_with_file", "from": "2023-12-14", "area": "290"}
    answer = await client.post("/v1/follows", json=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "stock_with_period")


async def test_how_often_a_number_moved_is_shown_to_those_only_who_may_see_it_move(
    client: httpx.AsyncClient,
) -> None:
    people = await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14")
    fires = await follow(client, figure="fires.cases", calendar="civil", period="2023")
    seen = {}
    for who in ("committee", "analyst"):
        answer = await client.get("/v1/follows", headers=bearer(who))
        seen[who] = {shown["id"] for shown in answer.json()["follows"]}
    assert seen == {"committee": {people, fires}, "analyst": {fires}}


async def test_a_follow_made_while_another_ended_is_looked_at_though_nothing_was_folded_since(
    there: Platform, client: httpx.AsyncClient
) -> None:
    first = await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14")
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    follower = follower_of(there)
    await fold(there, log.messages)
    assert await follower.look() == 1
    await client.delete(f"/v1/follows/{first}")
    second = await follow(client, figure="registry.addicts_with_file", as_of="2023-12-14")
    async with there.uow() as session:
        connection = await raw(session)
        # As if the fact had been folded between the answer and the storing of the follow.
        await connection.execute('UPDATE follow SET told = \'{"": "0"}\' WHERE id = %s', [second])
    assert await follower.look() == 1


async def test_exact_values_end_for_a_follower_when_another_agency_becomes_the_owner(there: Platform) -> None:
    """Detox went from labour to police on 1 March 2025; a follow of today's number outlives that day."""
    february = known_to(there, CALLERS, datetime(2025, 2, 20, 3, tzinfo=UTC))
    async with client_of(february, compose, headers=bearer("labour")) as client:
        made = await follow(client, figure="detox.in_facility")
        refused = await client.post("/v1/follows", json={"figure": "methadone.active"})
        assert refused.status_code == 403
    log = Log()
    log.write(
        "detox",
        "1",
        unit="CNBB-01",
        person=person("an"),
        commune=HAI_DUONG,
        facility="CNBB-01",
        kind="compulsory",
        admitted_on=date(2025, 2, 1),
        recorded=date(2025, 2, 21),
    )
    await fold(there, log.messages)
    march = known_to(there, CALLERS, datetime(2025, 3, 2, 3, tzinfo=UTC))
    assert await follower_of(march).look() == 0
    async with client_of(march, compose, headers=bearer("labour")) as client:
        (shown,) = (await client.get("/v1/follows")).json()["follows"]
    assert (shown["id"], shown["silent"]["rule"]) == (made, "data_exact_only")
    assert await follower_of(february).look() == 1, "until then it was theirs"


async def test_a_code_that_names_another_area_from_a_day_on_is_told_as_two_areas(there: Platform) -> None:
    """On 1 July 2025 the code 10525 went from the ward Trần Hưng Đạo to the ward Hải Dương."""
    before = known_to(there, CALLERS, datetime(2025, 6, 30, 3, tzinfo=UTC))
    log = Log()
    listed(log, "an", "addict", date(2025, 1, 1), commune="10525@2008")
    await fold(there, log.messages)
    async with client_of(before, compose, headers=bearer("committee")) as client:
        made = (
            await client.post("/v1/follows", json={"figure": "registry.addicts_with_file", "by": "commune"})
        ).json()
    assert made["rows"]["10525@2008"] == "1"
    after = known_to(there, CALLERS, datetime(2025, 7, 1, 3, tzinfo=UTC))
    assert await follower_of(after).look() > 0
    named = {event.data.place: event.data for event in await told(there) if event.data.row == "10525"}
    assert (named["10525@2008"].old, named["10525@2008"].new) == (1, None)
    assert named["10525@2025"].old is None
