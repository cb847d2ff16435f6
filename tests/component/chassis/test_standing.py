"""How a consumer stands, as the database tells it to other processes: what waits, and what does not go on."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from services.chassis.http import Work
from services.chassis.http.app import create_app
from services.chassis.kafka import ConsumersWatch, circuit_breaker, positions, standing
from services.chassis.kafka.positions import Position
from services.chassis.persistence import Database, UnitOfWork, migrations
from services.chassis.platform import Platform
from services.chassis.security import Principal
from tests.support.callers import bearer, known_to

AT, OTHER, ELSEWHERE = ("t", 0), ("t", 1), ("u", 0)
LIMIT = timedelta(seconds=60)


async def begin(platform: Platform, *partitions: tuple[str, int]) -> dict[tuple[str, int], Position]:
    """Positions of a consumer named ``c`` at the beginning of these partitions."""
    async with platform.uow() as session:
        for at in partitions:
            await positions.start(session, "c", at, "log-1")
    return {at: Position("log-1", 0) for at in partitions}


async def move(platform: Platform, at: tuple[str, int], expected: int, after: int) -> Position:
    async with platform.uow() as session:
        await positions.advance(session, "c", [(at, Position("log-1", expected), after)])
    return Position("log-1", after)


async def test_a_consumer_says_what_waits_for_it_only_after_it_was_asked(platform: Platform) -> None:
    cursor = await begin(platform, AT, OTHER, ELSEWHERE)
    reporter = standing.Reporter(platform.uow, "c")
    lags = {AT: 3, OTHER: 0, ELSEWHERE: 0}
    await reporter.report(cursor, lags)
    async with platform.uow() as session:
        since = await standing.ask(session, "c")
        assert await standing.waiting(session, "c", ["t", "u"], since) == {"t": None, "u": None}
    # What it knew when the question came may be older than the question.
    cursor[AT] = await move(platform, AT, 0, 1)
    await reporter.report(cursor, lags | {AT: 2})
    async with platform.uow() as session:
        assert await standing.waiting(session, "c", ["t", "u"], since) == {"t": None, "u": None}
    await reporter.report(cursor, lags | {AT: 2})
    async with platform.uow() as session:
        assert await standing.waiting(session, "c", ["t", "u"], since) == {"t": 2}
        assert await standing.waiting(session, "c", ["u"], since) == {}
    await move(platform, AT, 1, 3)
    async with platform.uow() as session:
        assert await standing.waiting(session, "c", ["t", "u"], since) == {}
        assert await standing.waiting(session, "c", ["t", "u"], await standing.ask(session, "c")) != {}


async def test_what_was_said_of_a_lost_log_says_nothing_of_the_next(platform: Platform) -> None:
    cursor = await begin(platform, AT)
    async with platform.uow() as session:
        since = await standing.ask(session, "c")
        await standing.tell(session, "c", {AT: ("log-0", 7)})
        assert await standing.waiting(session, "c", ["t"], since) == {"t": None}
        await standing.tell(session, "c", {AT: (cursor[AT].epoch, 7)})
        assert await standing.waiting(session, "c", ["t"], since) == {"t": 7}
        assert await positions.restart(session, "c", AT, "log-1", "log-2")
        assert await standing.troubles(session, ["c"], timedelta(0)) == []


async def test_an_idle_consumer_and_a_moving_one_write_nothing(platform: Platform) -> None:
    cursor = await begin(platform, AT)
    reporter = standing.Reporter(platform.uow, "c")
    for offset in range(4):
        await reporter.report(cursor, {AT: 0})
        cursor[AT] = await move(platform, AT, offset, offset + 1)
        await reporter.report(cursor, {AT: 5})
    async with platform.uow() as session:
        assert await session.scalar(text("SELECT count(*) FROM position WHERE seen_at IS NOT NULL")) == 0


async def test_records_that_wait_while_nothing_moves_are_trouble_until_it_moves(platform: Platform) -> None:
    cursor = await begin(platform, AT)
    reporter = standing.Reporter(platform.uow, "c")
    for _ in range(2):
        await reporter.report(cursor, {AT: 5})
    async with platform.uow() as session:
        assert await standing.troubles(session, ["c"], LIMIT) == []
        await session.execute(text("UPDATE position SET moved_at = now() - interval '2 minutes'"))
        assert await standing.troubles(session, ["c"], LIMIT) == [
            standing.Trouble("c", "consumer_standing", "t")
        ]
        assert await standing.troubles(session, ["another"], LIMIT) == []
    await move(platform, AT, 0, 2)
    async with platform.uow() as session:
        assert await standing.troubles(session, ["c"], LIMIT) == []


async def test_faults_close_together_and_a_stop_are_trouble(platform: Platform) -> None:
    watch = ConsumersWatch(platform, lambda: ["c"], lambda: True)
    for number in range(standing.FAILURES):
        assert await watch.going_on() is True, f"after {number} faults"
        await watch.note_failure(KeyError("block"))
    assert await watch.trouble() == "sample-consume ends again and again (KeyError)"
    async with platform.uow() as session:
        await standing.note_success(session, "sample-consume")
        await circuit_breaker.trip(session, "c", 100, platform.clock(), "bad-json")
    assert await watch.going_on() == "c was stopped after too many dead letters in a row (bad-json)"


async def test_before_the_migrations_nothing_is_said(platform: Platform) -> None:
    assert await ConsumersWatch(platform, lambda: ["c"], lambda: False).trouble() is False


@contextmanager
def small(platform: Platform) -> Iterator[Platform]:
    """The platform with a pool of one connection and one more, for which nobody waits long."""
    database = Database.of(platform.settings.model_copy(update={"database_pool_size": 1}))
    pool: Any = database.engine.sync_engine.pool
    pool._timeout = 0.05
    yield replace(platform, database=database, uow=UnitOfWork(database))


async def test_a_busy_service_says_so_and_does_not_look_ill(platform: Platform) -> None:
    with small(platform) as busy:
        caller = Principal("police:288", "288", "clerk", "c")
        app = create_app(known_to(busy, {"clerk": caller}, busy.clock), routers=[_router()])
        busy.health.ready_when("migrations", lambda: migrations.reachable(busy.database.probes))
        transport = httpx.ASGITransport(app)
        async with (
            AsyncExitStack() as held,
            httpx.AsyncClient(transport=transport, base_url="http://t") as client,
        ):
            for _ in range(2):
                session = await held.enter_async_context(busy.uow())
                await session.execute(text("SELECT 1"))
            answer = await client.get("/work", headers=bearer("clerk"))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["type"] == "urn:khopso:problem:busy"
            ready = await asyncio.gather(*(client.get("/ready") for _ in range(5)))
            assert {one.status_code for one in ready} == {200}
        await busy.database.close()


def _router() -> APIRouter:
    router = APIRouter()

    @router.get("/work")
    async def work(work: Work) -> dict[str, bool]:
        async with work() as session:
            return {"done": bool(await session.scalar(text("SELECT true")))}

    return router


@pytest.mark.parametrize("reason", [True, False, "why"])
async def test_a_reason_follows_the_name_of_what_does_not_hold(
    platform: Platform, reason: bool | str
) -> None:
    async def check() -> bool | str:
        return reason

    platform.health.ready_when("part", check)
    platform.health.degraded_when("part", check)
    named = {True: [], False: ["part"], "why": ["part: why"]}
    flawed = {True: ["part"], False: [], "why": ["part: why"]}
    assert await platform.health.unready() == named[reason]
    assert await platform.health.degraded() == flawed[reason]
