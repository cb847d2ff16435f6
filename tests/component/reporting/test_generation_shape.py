"""A generation that an older program made: it answers while it is rebuilt, whatever its shape."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contracts.topics import TOPICS
from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka.delivery import Retryable
from services.chassis.kafka.relay import Relay
from services.chassis.persistence import migrations
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.facts import generations
from services.reporting.facts.projector import Projector
from services.reporting.facts.shape import FOLDED, fits, shape
from services.reporting.figures.aggregates.maintainer import AggregateMaintainer, fill_cells
from tests.component.reporting.streaming import (
    RELAYED,
    answers,
    connected_to,
    generation,
    own_broker,
    publish,
    running,
    scalar,
    users,
    users_counted,
)
from tests.support.callers import client_of
from tests.support.reporting import (
    NOW,
    Log,
    fold,
    fresh,
    reporting_settings,
    value,
)
from tests.support.wait import eventually

_numbers = count()
BEFORE_SHAPES = "0006_publishing"
_STRUCTURE = """
SELECT table_name, array_agg(column_name || ' ' || data_type || ' ' || is_nullable ORDER BY column_name)
FROM information_schema.columns WHERE table_schema = %(schema)s GROUP BY table_name
UNION ALL
SELECT tablename || ' indexes', array_agg(replace(indexdef, %(schema)s || '.', '') ORDER BY indexdef)
FROM pg_indexes WHERE schemaname = %(schema)s GROUP BY tablename ORDER BY 1
"""


@dataclass
class Office:
    """A reporting service whose database an older program has filled."""

    platform: Platform
    broker: EmbeddedBroker
    log: Log
    url: str


@pytest.fixture
async def office(server: PostgresServer, tmp_path: Path) -> AsyncIterator[Office]:
    """40 users in a generation of before generations had a shape; their events wait in the outbox."""
    url = server.ensure_service(f"aged_{next(_numbers)}", "a-password")
    migrations.upgrade(reporting_settings(url), "services.reporting", revision=BEFORE_SHAPES)
    log = Log()
    with own_broker(tmp_path) as broker:
        async with connected_to(broker, url) as platform:
            await fold(platform, users(log, 40))
            migrations.upgrade(platform.settings, "services.reporting")
            await publish(platform, log.messages)
            yield Office(platform, broker, log, url)


def altered(office: Office, *statements: str) -> None:
    """Give the live generation another shape than any program of today would."""
    with psycopg.connect(office.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def settled(platform: Platform) -> bool:
    """Whether a rebuilt generation is live and its aggregates are kept."""
    filled = "SELECT fingerprint IS NOT NULL FROM g2.covered"
    return await generation(platform) == 2 and await scalar(platform, filled) is True


def structure(url: str, schema: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(_STRUCTURE.encode(), {"schema": schema}).fetchall()


async def test_a_new_database_begins_with_the_shape_of_the_program(server: PostgresServer) -> None:
    """Where this fails, the shape has changed: a new revision must renew a live generation that is empty."""
    _, url = fresh(server)
    platform = Platform.of(reporting_settings(url))
    assert await scalar(platform, "SELECT shape FROM generation") == shape()
    async with platform.uow() as session:
        connection = await raw(session)
        number = await generations.ask(session, NOW, "test")
        await generations.begin(session, number, NOW)
        await generations.add_indexes(connection, number)
    assert structure(url, "g1") == structure(url, "g2") != []
    await platform.close()


async def test_a_generation_of_an_older_program_answers_until_it_is_rebuilt(office: Office) -> None:
    platform = office.platform
    before = await answers(platform)
    assert await scalar(platform, "SELECT shape IS NULL FROM generation") is True
    relay, maintainer = Relay(platform, RELAYED), AggregateMaintainer(platform)
    async with running(platform, relay, maintainer, Projector(platform, fill_cells)):

        async def rebuilt() -> bool:
            assert await answers(platform) == before
            return await settled(platform)

        await eventually(rebuilt, deadline=90)
        assert await scalar(platform, "SELECT shape FROM generation WHERE number = 2") == shape()
        assert await answers(platform) == before
        await publish(platform, users(office.log, 5, start=40))
        await eventually(lambda: users_counted(platform, 45), deadline=60)


async def test_folding_goes_on_while_only_the_aggregates_are_of_another_shape(office: Office) -> None:
    platform = office.platform
    async with platform.uow() as session:
        assert await fits(await raw(session), 1, FOLDED)
    await fold(platform, users(office.log, 3, start=40))
    assert await users_counted(platform, 43)


async def test_the_keeper_waits_in_a_generation_that_it_cannot_write(office: Office) -> None:
    platform = office.platform
    platform.metrics.cells_ready.set(1)
    async with running(platform, AggregateMaintainer(platform)):
        await eventually(lambda: "khopso_cells_ready 0.0" in platform.metrics.expose().decode(), deadline=20)
        await fold(platform, users(office.log, 1, start=40))
        assert await users_counted(platform, 41)
    assert await scalar(platform, "SELECT count(*) FROM g1.covered") == 0


async def test_a_generation_that_cannot_be_folded_into_stands_still_and_is_replaced(office: Office) -> None:
    """Also where the broker has lost its log: positions say nothing then, so what is in the tables decides."""
    altered(
        office,
        "ALTER TABLE g1.spell ADD COLUMN origin text NOT NULL DEFAULT 'older'",
        "ALTER TABLE g1.spell ALTER COLUMN origin DROP DEFAULT",
    )
    platform = office.platform
    with pytest.raises(Retryable):
        await fold(platform, users(Log(), 1, start=99))
    async with running(platform, Projector(platform, fill_cells)):
        await publish(platform, users(office.log, 2, start=40))
        await eventually(lambda: _built(platform), deadline=30)
        assert await users_counted(platform, 40)
        async with running(platform, Relay(platform, RELAYED)):
            await eventually(lambda: users_counted(platform, 42), deadline=90)
    assert await generation(platform) == 2


async def _built(platform: Platform) -> bool:
    return await scalar(platform, "SELECT state FROM generation WHERE number = 2") == "building"


async def test_a_rebuild_takes_over_only_with_everything_that_is_there_already(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is lost and filled again meanwhile: at its beginning both generations are equally far."""
    platform, lacking, lacks = office.platform, [], generations.lacks

    async def noted(*given: Any) -> bool:
        lacking.append(await lacks(*given))
        return lacking[-1]

    monkeypatch.setattr(generations, "lacks", noted)
    async with running(platform, Projector(platform, fill_cells)):
        async with running(platform, Relay(platform, RELAYED)):
            await eventually(lambda: settled(platform), deadline=90)
        altered(office, "CREATE TABLE waiting AS SELECT * FROM outbox", "DELETE FROM outbox")
        office.broker.kill()
        office.broker.start()
        async with platform.uow() as session:
            await generations.ask(session, NOW, "test")
        async with running(platform, Relay(platform, RELAYED)):
            await eventually(lambda: _both_at_the_beginning(platform), deadline=60)
            await eventually(lambda: lacking.count(True) > 2, deadline=20)
            assert await generation(platform) == 2
            altered(
                office,
                "UPDATE waiting SET sent_at = NULL",
                "INSERT INTO outbox OVERRIDING SYSTEM VALUE SELECT * FROM waiting ORDER BY id",
            )
            await eventually(lambda: _replaced(platform), deadline=60)
            assert await users_counted(platform, 40)


async def _both_at_the_beginning(platform: Platform) -> bool:
    """Whether the old and the new consumer stand behind the markers of the new log, as far as one another."""
    assert await users_counted(platform, 40)
    found = (
        "SELECT count(*) FROM position old JOIN position new USING (topic, partition, incarnation, next_offset)"
        " WHERE old.consumer = 'reporting-g2' AND new.consumer = 'reporting-g3' AND topic = 'registry.records'"
    )
    return await scalar(platform, found) == TOPICS["registry.records"].partitions


async def _replaced(platform: Platform) -> bool:
    assert await users_counted(platform, 40)
    return await generation(platform) == 3


async def test_readiness_says_that_figures_are_of_an_older_generation(office: Office) -> None:
    async def ready() -> Any:
        async with client_of(office.platform, compose) as client:
            return (await client.get("/ready")).json()

    assert await ready() == {
        "ready": True,
        "waiting_for": [],
        "degraded": ["figures of an older generation"],
    }
    with psycopg.connect(office.url, autocommit=True) as connection:
        connection.execute("UPDATE generation SET shape = %s", [shape()])
    assert (await ready())["degraded"] == []


async def test_a_question_that_needs_the_new_tables_is_told_to_come_again(office: Office) -> None:
    altered(office, "ALTER TABLE g1.spell RENAME COLUMN valid_to TO until")
    with pytest.raises(Exception, match="figures_rebuilt") as caught:
        await value(office.platform, "registry.users", as_of="2023-06-01")
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "60"})  # type: ignore[attr-defined]
    with psycopg.connect(office.url, autocommit=True) as connection:
        connection.execute("UPDATE generation SET shape = %s", [shape()])
    with pytest.raises(
        psycopg.errors.UndefinedColumn
    ):  # a fault of the program is not passed off as a rebuild
        await value(office.platform, "registry.users", as_of="2023-06-01")


async def test_a_rebuild_to_this_shape_that_failed_is_not_begun_again_by_itself(office: Office) -> None:
    platform = office.platform

    async def asked() -> int | None:
        async with platform.uow() as session:
            await generations.ask_for_shape(session, NOW)
            found = await generations.requested(session)
            return None if found is None else found[0]

    assert await asked() == 2
    async with platform.uow() as session:
        await generations.begin(session, 2, NOW)
        await generations.fail(session, 2, NOW, "ValueError")
    assert await asked() is None
    async with platform.uow() as session:
        assert await generations.ask(session, NOW, "a person") == 3


async def test_what_another_program_began_to_build_is_begun_anew(office: Office) -> None:
    async with office.platform.uow() as session:
        connection = await raw(session)
        number = await generations.ask(session, NOW, "test")
        await generations.begin(session, number, NOW)
        assert await generations.requested(session) == (number, True)
        await connection.execute("UPDATE generation SET shape = 'of another program' WHERE number = 2")
        assert await generations.requested(session) == (number, False)
