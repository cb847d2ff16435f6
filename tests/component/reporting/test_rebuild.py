"""The projector on a broker: live folding, poison put aside, a rebuild that ends with the same bytes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka.delivery import Delivered
from services.chassis.kafka.positions import StalePosition
from services.chassis.kafka.relay import Relay
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.facts import generations
from services.reporting.facts.projector import Projector
from services.reporting.figures.aggregates.maintainer import fill_cells
from tests.component.reporting.streaming import (
    RELAYED,
    answers,
    connected_to,
    generation,
    is_live,
    own_broker,
    publish,
    running,
    scalar,
    schema_gone,
    users,
    users_counted,
)
from tests.support.reporting import NOW, Log, fold, fresh, value
from tests.support.wait import eventually


@pytest.fixture
async def connected(server: PostgresServer, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform with a broker whose log is the test's own."""
    _, url = fresh(server)
    with own_broker(tmp_path) as broker:
        async with connected_to(broker, url) as made:
            yield made


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
            assert await generations.ask(session, NOW, "test") == 2

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


@pytest.mark.embedded
async def test_a_rebuild_that_died_half_way_is_taken_up_where_it_was(connected: Platform) -> None:
    platform, log = connected, Log()
    relay = Relay(platform, RELAYED)
    async with running(platform, relay):
        async with running(platform, Projector(platform, fill_cells)):
            await publish(platform, users(log, 40))
            await eventually(lambda: users_counted(platform, 40), deadline=60)
        async with platform.uow() as session:
            number = await generations.ask(session, NOW, "test")
            await generations.begin(session, number, NOW)
        assert await generation(platform) == 1
        async with running(platform, Projector(platform, fill_cells)):
            await eventually(lambda: is_live(platform, number), deadline=60)
            assert await users_counted(platform, 40)


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
            number = await generations.ask(session, NOW, "test")
            await generations.begin(session, number, NOW)
            await generations.add_indexes(connection, number)
            await generations.switch(session, 1, number, NOW)
        async with running(platform, Projector(platform, fill_cells)):
            await eventually(lambda: users_counted(platform, 40), deadline=60)
            await eventually(lambda: schema_gone(platform, "g1"), deadline=30)
    assert await scalar(platform, "SELECT count(*) FROM position WHERE consumer = 'reporting-g1'") == 0


async def test_a_generation_that_has_ended_fences_its_writers(platform: Platform) -> None:
    messages = users(Log(), 1)
    async with platform.uow() as session:
        number = await generations.ask(session, NOW, "test")
        await generations.begin(session, number, NOW)
    await fold(platform, messages, generation=number)
    assert await value(platform, "registry.users", as_of="2023-06-01") == 0
    async with platform.uow() as session:
        await generations.add_indexes(await raw(session), number)
        await generations.switch(session, 1, number, NOW)
    assert await value(platform, "registry.users", as_of="2023-06-01") == 1
    with pytest.raises(StalePosition):
        await fold(platform, messages, generation=1)
