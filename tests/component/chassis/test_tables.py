"""Unit of work, outbox, inbox, positions, migrations: on real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from services.chassis.kafka import positions
from services.chassis.kafka.positions import Position, StalePosition
from services.chassis.kafka.progress import read_progress
from services.chassis.persistence import inbox, migrations, outbox
from services.chassis.persistence.outbox import OutboxEvent, pack_headers, unpack_headers
from services.chassis.persistence.session import AsyncSession, is_outage, raw
from services.chassis.persistence.tables import Outbox
from services.chassis.platform import Platform
from services.chassis.runtime.ids import uuid7
from tests.support.platform import PACKAGE, platform_for, settings_for

NOW = datetime(2023, 12, 19, tzinfo=UTC)


def events(count: int, topic: str = "t") -> list[OutboxEvent]:
    return [
        OutboxEvent(uuid7(), topic, f"k{n}", f"s{n}", n + 1, b'{"a": "\xe1\xba\xa1"}', NOW)
        for n in range(count)
    ]


@asynccontextmanager
async def given_up(platform: Platform) -> AsyncIterator[AsyncSession]:
    """A transaction whose block runs to its end and is then left by an error."""
    try:
        async with platform.uow() as session:
            yield session
            raise GivenUpError
    except GivenUpError:
        return


class GivenUpError(Exception):
    """Why a transaction is left."""


async def test_a_transaction_left_by_an_error_leaves_nothing(platform: Platform) -> None:
    async with given_up(platform) as session:
        await outbox.append(session, events(3))
    async with platform.uow() as session:
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 0


async def test_copy_on_the_raw_connection_belongs_to_the_same_transaction(platform: Platform) -> None:
    async with given_up(platform) as session:
        connection = await raw(session)
        await connection.execute("INSERT INTO inbox (consumer, event_id) VALUES ('c', 'e')")
        assert await session.scalar(text("SELECT count(*) FROM inbox")) == 1
    async with platform.uow() as session:
        assert await session.scalar(text("SELECT count(*) FROM inbox")) == 0


async def test_appended_events_come_back_as_they_were_and_in_order(platform: Platform) -> None:
    wanted = events(50)
    async with platform.uow() as session:
        await outbox.append(session, wanted)
    async with platform.uow() as session:
        found = (await session.exec(select(Outbox).order_by(text("id")))).all()
    kept = [(row.event_id, row.key, row.subject, row.sequence, row.payload, row.recorded_at) for row in found]
    assert kept == [(e.event_id, e.key, e.subject, e.sequence, e.payload, e.recorded_at) for e in wanted]
    assert all(row.sent_at is None and row.created_at.tzinfo is not None for row in found)


async def test_one_notification_per_transaction_however_often_it_appends(platform: Platform) -> None:
    listener = await platform.database.connect()
    await listener.execute("LISTEN outbox")
    for _ in range(2):
        async with platform.uow() as session:
            for _ in range(5):
                await outbox.append(session, events(2))
    async with platform.uow() as session:
        await outbox.append(session, [])
    heard = [note async for note in listener.notifies(timeout=1)]
    await listener.close()
    assert len(heard) == 2


def test_headers_survive_storage() -> None:
    headers = (("a", b"\xff\x00"), ("b", None), ("a", b""), ("ü", b"x"))
    assert tuple(unpack_headers(pack_headers(headers))) == headers


async def test_of_two_twins_in_two_transactions_one_gets_the_event(platform: Platform) -> None:
    won: list[int] = []

    async def take(number: int) -> None:
        async with platform.uow() as session:
            if await inbox.claim_one(session, "c", "e"):
                won.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(take(n) for n in range(5)))
    assert len(won) == 1


async def test_an_inbox_claim_that_is_rolled_back_is_free_again(platform: Platform) -> None:
    async with given_up(platform) as session:
        assert await inbox.claim(session, "c", ["a", "b", "a"]) == {"a", "b"}
    async with platform.uow() as session:
        assert await inbox.claim(session, "c", ["a"]) == {"a"}
        assert await inbox.claim(session, "other", ["a"]) == {"a"}
        assert await inbox.claim(session, "c", ["a", "b"]) == {"b"}


async def test_positions_move_forward_only_and_from_where_they_are_only(platform: Platform) -> None:
    at = ("t", 0)
    async with platform.uow() as session:
        await positions.start(session, "c", at, "log")
        await positions.start(session, "c", at, "another")
        await positions.advance(session, "c", [(at, Position("log", 0), 10)])
    for wrong in (
        (at, Position("log", 0), 20),
        (at, Position("log", 10), 10),
        (at, Position("log", 10), 5),
        (at, Position("another", 10), 20),
        (("t", 1), Position("log", 0), 1),
    ):
        with pytest.raises(StalePosition):
            async with platform.uow() as session:
                await positions.advance(session, "c", [wrong])
    async with platform.uow() as session:
        assert await positions.load(session, "c") == {at: Position("log", 10)}
        assert not await positions.restart(session, "c", at, "another", "newer")
        assert await positions.restart(session, "c", at, "log", "newer")
        assert await positions.load(session, "c") == {at: Position("newer", 0)}


async def test_two_writers_of_one_position_follow_each_other_and_one_is_fenced(platform: Platform) -> None:
    at = ("t", 0)
    async with platform.uow() as session:
        await positions.start(session, "c", at, "log")
    fenced: list[str] = []

    async def write() -> None:
        try:
            async with platform.uow() as session:
                await positions.advance(session, "c", [(at, Position("log", 0), 3)])
                await session.execute(
                    text("INSERT INTO effect (event_id, subject, sequence, place) VALUES ('e','s',1,'p')")
                )
                await asyncio.sleep(0)
        except StalePosition:
            fenced.append("fenced")

    await asyncio.gather(write(), write())
    assert fenced == ["fenced"]
    async with platform.uow() as session:
        assert await session.scalar(text("SELECT count(*) FROM effect")) == 1


async def test_migrations_that_start_together_run_once(new_database: Callable[[str], str]) -> None:
    url = new_database("migrated")
    settings = settings_for(url)
    await asyncio.gather(*(asyncio.to_thread(migrations.upgrade, settings, PACKAGE) for _ in range(3)))
    platform = platform_for(url)
    assert await migrations.at_head(platform.database.engine, PACKAGE)
    await platform.close()


async def test_a_database_without_migrations_is_not_at_head(new_database: Callable[[str], str]) -> None:
    platform = platform_for(new_database("bare"))
    assert not await migrations.at_head(platform.database.engine, PACKAGE)
    await platform.close()


async def test_progress_tells_sent_and_applied_offsets_with_their_logs(platform: Platform) -> None:
    async with platform.uow() as session:
        await outbox.append(session, events(3))
        await session.execute(text("UPDATE outbox SET sent_at = now() WHERE sequence = 1"))
        await session.execute(
            text("INSERT INTO relay_log VALUES ('t', 0, 'log-a', 17), ('t', 1, 'log-b', NULL)")
        )
        await positions.start(session, "c", ("u", 2), "log-c")
        await positions.advance(session, "c", [(("u", 2), Position("log-c", 0), 5)])
    async with platform.uow() as session:
        found = (await read_progress(session, "sample")).model_dump(mode="json")
    assert found == {
        "service": "sample",
        "outbox": {
            "unsent": 2,
            "newest": 3,
            "oldest_unsent": 2,
            "sent": {"t": {"0": 17}},
            "incarnations": {"t": {"0": "log-a", "1": "log-b"}},
        },
        "applied": {"u": {"2": 5}},
        "applied_incarnations": {"u": {"2": "log-c"}},
        "dead_letters": 0,
    }


async def test_a_consumer_that_another_took_the_place_of_holds_no_progress_back(platform: Platform) -> None:
    """Its position stands in a log that is no more; by its lower offset it would be the one that is told."""
    async with platform.uow() as session:
        for name, log, offset in (("old", "lost log", 3), ("new", "new log", 9)):
            await positions.start(session, name, ("u", 0), log)
            await positions.advance(session, name, [(("u", 0), Position(log, 0), offset)])

    async def retired(_: object) -> list[str]:
        return ["old"]

    async with platform.uow() as session:
        found = await read_progress(session, "sample", retired)
    assert (found.applied, found.applied_incarnations) == ({"u": {0: 9}}, {"u": {0: "new log"}})


async def test_errors_of_the_database_show_no_parameters(platform: Platform) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with platform.uow() as session:
            await session.execute(
                text("SELECT CAST(:v AS int) + 1 / CAST(:w AS int)"), {"v": "Bí Mật", "w": 0}
            )
    assert "Bí Mật" not in str(caught.value).split("\n[SQL")[1]


@pytest.mark.parametrize(
    ("statement", "outage"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", True),
        ("SET LOCAL statement_timeout = 5; SELECT pg_sleep(2)", True),
        ("SELECT 1 / 0", False),
        ("SELECT * FROM no_such_table", False),
        ("INSERT INTO inbox VALUES ('c', NULL)", False),
    ],
)
async def test_outages_are_told_from_faults(platform: Platform, statement: str, outage: bool) -> None:
    async def run() -> None:
        async with platform.uow() as session:
            for part in statement.split(";"):
                await session.execute(text(part))

    with pytest.raises((DBAPIError, psycopg.Error)) as caught:
        await run()
    error: Any = caught.value
    assert is_outage(error) == outage


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    platform = platform_for("postgresql://u:p@127.0.0.1:1/db")
    with pytest.raises(DBAPIError) as caught:
        async with platform.uow() as session:
            await session.execute(text("SELECT 1"))
    assert is_outage(caught.value)
    await platform.close()


async def test_a_database_without_room_is_not_ready_while_that_is_fresh(platform: Platform) -> None:
    assert platform.uow.has_room()

    async def full() -> None:
        async with platform.uow() as session:
            await session.execute(text("DO $$ BEGIN RAISE disk_full; END $$"))

    with pytest.raises(DBAPIError) as caught:
        await full()
    assert is_outage(caught.value)
    assert not platform.uow.has_room()
