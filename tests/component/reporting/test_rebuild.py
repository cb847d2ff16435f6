"""The projector on a broker: live folding, poison put aside, a rebuild that ends with the same bytes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contracts.topics import FACT_TOPICS, TOPICS
from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.postgres import PostgresServer
from deploy.ports import free_ports
from services.chassis.kafka.clients import dead_letter_topic
from services.chassis.kafka.delivery import Delivered
from services.chassis.kafka.positions import StalePosition
from services.chassis.kafka.relay import Relay
from services.chassis.persistence import outbox
from services.chassis.persistence.outbox import OutboxEvent
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.chassis.runtime.ids import uuid7
from services.reporting.facts import generations
from services.reporting.facts.projector import Projector
from services.reporting.figures import snapshot
from services.reporting.figures.aggregates.keeper import fill_cells
from services.reporting.figures.answering import canonical
from services.reporting.figures.questions import parse_question
from tests.support.reporting import NOW, Log, fold, fresh, person, reporting_settings, value
from tests.support.wait import eventually

A = {"commune": "10513@2008"}
RELAYED = [topic for name in FACT_TOPICS for topic in (TOPICS[name], dead_letter_topic(name))]


@pytest.fixture
async def connected(server: PostgresServer, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform with a broker whose log is the test's own."""
    _, url = fresh(server)
    with EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log") as broker:
        made = Platform.of(
            reporting_settings(
                url,
                kafka_bootstrap=broker.bootstrap,
                kafka_flavour="embedded",
                drain_seconds=2,
                graceful_seconds=8,
                stop_grace_seconds=12,
            )
        )
        yield made
        await made.close()


@asynccontextmanager
async def running(platform: Platform, *parts: Any) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stop)) for part in parts]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def publish(platform: Platform, messages: Sequence[Delivered]) -> None:
    async with platform.uow() as session:
        await outbox.append(
            session,
            [
                OutboxEvent(uuid7(), m.topic, str(number), "subject", 1, m.value, NOW)
                for number, m in enumerate(messages)
            ],
        )


async def generation(platform: Platform) -> int:
    async with platform.uow() as session:
        return await generations.live(await raw(session))


async def scalar(platform: Platform, query: str) -> object:
    async with platform.uow() as session:
        return await session.scalar(text(query))


async def answers(platform: Platform) -> list[bytes]:
    found = []
    for by in ("area", "commune", "sex", "presence"):
        question = parse_question("registry.users", {"as_of": "2023-06-01", "by": by}, NOW)
        found.append(canonical((await snapshot.ask(platform.uow, question, NOW))[0]))
    return found


def users(log: Log, count: int, start: int = 0) -> list[Delivered]:
    before = len(log.messages)
    for number in range(start, start + count):
        given: dict[str, Any] = {
            "person": person(f"p{number}"),
            **A,
            "status": "user",
            "status_from": date(2023, 1, 1),
        }
        log.write("registry", f"r{number}", presence="community", **given)
    return log.messages[before:]


async def users_counted(platform: Platform, expected: int) -> bool:
    return bool(await value(platform, "registry.users", as_of="2023-06-01") == expected)


@pytest.mark.embedded
async def test_a_rebuild_ends_with_the_same_bytes_while_readers_and_writers_go_on(
    connected: Platform,
) -> None:
    platform, log = connected, Log()
    relay = Relay(platform, RELAYED)
    async with running(platform, relay, Projector(platform, fill_cells)):
        messages = users(log, 200)
        torn = messages[0].value.replace(b'"user"', b'"nothing"')
        poison = [Delivered("registry.records", 0, 0, None, torn, {}, NOW, {})]
        await publish(platform, [*messages[:100], *poison, *messages[100:]])
        await eventually(lambda: users_counted(platform, 200), deadline=60)
        assert await scalar(platform, "SELECT count(*) FROM dead_letter WHERE status = 'waiting'") == 1
        before = await answers(platform)
        async with platform.uow() as session:
            assert await generations.ask(await raw(session), NOW, "test") == 2

        async def switched() -> bool:
            assert await answers(platform) == before
            return await generation(platform) == 2

        await eventually(switched, deadline=60)
        assert await answers(platform) == before
        await publish(platform, users(log, 50, start=200))
        await eventually(lambda: users_counted(platform, 250), deadline=60)
        await eventually(lambda: schema_gone(platform, "g1"), deadline=30)
    assert await scalar(platform, "SELECT count(*) FROM position WHERE consumer = 'reporting-g1'") == 0
    waiting = await scalar(platform, "SELECT array_agg(consumer) FROM dead_letter WHERE status = 'waiting'")
    assert waiting == ["reporting-g2"]


async def schema_gone(platform: Platform, name: str) -> bool:
    return await scalar(platform, f"SELECT to_regnamespace('{name}')") is None


@pytest.mark.embedded
async def test_a_rebuild_that_died_half_way_is_taken_up_where_it_was(connected: Platform) -> None:
    platform, log = connected, Log()
    relay = Relay(platform, RELAYED)
    async with running(platform, relay):
        async with running(platform, Projector(platform, fill_cells)):
            await publish(platform, users(log, 40))
            await eventually(lambda: users_counted(platform, 40), deadline=60)
        async with platform.uow() as session:
            number = await generations.ask(await raw(session), NOW, "test")
            await generations.begin(await raw(session), number, NOW)
        assert await generation(platform) == 1
        async with running(platform, Projector(platform, fill_cells)):
            await eventually(lambda: _is_live(platform, number), deadline=60)
            assert await users_counted(platform, 40)


async def _is_live(platform: Platform, number: int) -> bool:
    return await generation(platform) == number


@pytest.mark.embedded
async def test_what_a_process_left_that_died_right_after_the_switch_is_cleared_away(
    connected: Platform,
) -> None:
    platform, log = connected, Log()
    relay = Relay(platform, RELAYED)
    async with running(platform, relay):
        async with running(platform, Projector(platform, fill_cells)):
            await publish(platform, users(log, 40))
            await eventually(lambda: users_counted(platform, 40), deadline=60)
        async with platform.uow() as session:
            connection = await raw(session)
            number = await generations.ask(connection, NOW, "test")
            await generations.begin(connection, number, NOW)
            await generations.add_indexes(connection, number)
            await generations.switch(connection, 1, number, NOW)
        async with running(platform, Projector(platform, fill_cells)):
            await eventually(lambda: users_counted(platform, 40), deadline=60)
            await eventually(lambda: schema_gone(platform, "g1"), deadline=30)
    assert await scalar(platform, "SELECT count(*) FROM position WHERE consumer = 'reporting-g1'") == 0


async def test_a_generation_that_has_ended_fences_its_writers(platform: Platform) -> None:
    messages = users(Log(), 1)
    async with platform.uow() as session:
        connection = await raw(session)
        number = await generations.ask(connection, NOW, "test")
        await generations.begin(connection, number, NOW)
    await fold(platform, messages, generation=number)
    assert await value(platform, "registry.users", as_of="2023-06-01") == 0
    async with platform.uow() as session:
        await generations.add_indexes(await raw(session), number)
        await generations.switch(await raw(session), 1, number, NOW)
    assert await value(platform, "registry.users", as_of="2023-06-01") == 1
    with pytest.raises(StalePosition):
        await fold(platform, messages, generation=1)
