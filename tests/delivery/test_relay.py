"""The relay: nothing lost, nothing out of order, one active."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.relay import Relay
from services.chassis.kafka.subscribing import Batch, Session
from services.chassis.persistence import outbox
from services.chassis.persistence.lease import Lease
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import (
    accept,
    applied_at_least,
    consumer_of,
    effects,
    event,
    history,
    in_order,
    record_once,
    relay_of,
    scalar,
    working,
)
from tests.support.wait import eventually


class CrashError(Exception):
    """A process that dies here."""


async def test_crash_between_send_and_mark_loses_nothing_and_duplicates_are_absorbed(
    platform: Platform, topic: TopicSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await accept(platform, history(topic.name, subjects=5, length=20))

    async def die(*_: Any) -> None:
        raise CrashError

    with monkeypatch.context() as dying:
        dying.setattr(Relay, "_mark", die)
        with pytest.raises(Exception, match="CrashError"):
            async with working(relay_of(platform, topic).run) as (relay,):
                await eventually(relay.done)
    assert await scalar(platform, "SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL") == 0

    received: list[str] = []

    async def once(batch: Batch, session: Session) -> None:
        received.extend(item.id for item in batch)
        await record_once(batch, session)

    consumer = consumer_of(platform, topic, once)
    async with working(relay_of(platform, topic).run, consumer.run):
        await eventually(lambda: len(received) >= 2 * len(expected), message="the duplicates")
        await eventually(lambda: applied_at_least(platform, len(expected)))
    found = await effects(platform)
    assert sorted(one[0] for one in found) == sorted(expected)
    assert in_order(found)


async def test_a_row_that_commits_late_with_an_early_id_is_sent_all_the_same(
    platform: Platform, topic: TopicSpec
) -> None:
    consumer = consumer_of(platform, topic)
    async with working(relay_of(platform, topic).run, consumer.run):
        async with platform.uow() as slow:
            await outbox.append(slow, [event(topic.name, "late", 1)])
            await accept(platform, [event(topic.name, "early", n) for n in range(1, 20)])
            await eventually(lambda: applied_at_least(platform, 19))
        await eventually(lambda: applied_at_least(platform, 20))
    assert [subject for _, subject, _ in await effects(platform)][-1] == "late"


async def test_a_standby_takes_over_when_the_active_relay_loses_its_connection(
    platform: Platform, topic: TopicSpec, database_url: str
) -> None:
    first, second = relay_of(platform, topic), relay_of(platform, topic)
    async with working(first.run, second.run):
        await accept(platform, [event(topic.name, "s", 1)])
        await eventually(lambda: _sent(platform, 1))
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        assert await scalar(platform, locks) == 1
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        await accept(platform, [event(topic.name, "s", 2)])
        await eventually(lambda: _sent(platform, 2))


async def test_a_standby_takes_over_from_a_relay_that_is_frozen_though_not_dead(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, lease_seconds=1)
    # A stopped process: its session and its lock stay, and nothing more is heard from it.
    frozen = await Lease.on(platform.database, "relay:sample", 1, application="frozen")
    assert await frozen.take()
    await frozen.connection.execute("LISTEN outbox")
    assert frozen._beating is not None
    frozen._beating.cancel()
    try:
        async with working(relay_of(platform, topic).run):
            await accept(platform, [event(topic.name, "s", 1)])
            await eventually(lambda: _sent(platform, 1))
        with pytest.raises(psycopg.OperationalError):
            await frozen.connection.execute("UPDATE outbox SET sent_at = NULL")
    finally:
        await frozen.close()


async def test_one_poll_of_many_batches_keeps_order_and_offsets(platform: Platform, topic: TopicSpec) -> None:
    big = "x" * 60_000  # nine to a batch of half a megabyte
    expected = [event(topic.name, "one", n, filling=big) for n in range(1, 61)]
    consumer = consumer_of(platform, topic)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, expected, per_transaction=60)
        await eventually(lambda: applied_at_least(platform, 60))
    assert [one[0] for one in await effects(platform)] == [str(one.event_id) for one in expected]
    ordered = (
        "SELECT array_agg(sent_offset ORDER BY id) = array_agg(sent_offset ORDER BY sent_offset) FROM outbox"
    )
    assert await scalar(platform, ordered)


async def test_a_message_of_three_megabytes_passes(platform: Platform, topic: TopicSpec) -> None:
    consumer = consumer_of(platform, topic)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, [event(topic.name, "big", 1, filling="x" * 3_000_000)])
        await eventually(lambda: applied_at_least(platform, 1))


async def test_sending_the_outbox_again_changes_nothing_for_an_idempotent_consumer(
    platform: Platform, topic: TopicSpec
) -> None:
    consumer = consumer_of(platform, topic, record_once)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, history(topic.name, subjects=3, length=10))
        await eventually(lambda: applied_at_least(platform, 30))
        before = await effects(platform)
        async with platform.uow() as session:
            assert await outbox.send_again(session) == 30
        await eventually(lambda: _applied_all_sent(platform))
    assert await effects(platform) == before


async def _sent(platform: Platform, wanted: int) -> bool:
    return bool(
        await scalar(
            platform, "SELECT count(*) >= :wanted FROM outbox WHERE sent_at IS NOT NULL", wanted=wanted
        )
    )


async def _applied_all_sent(platform: Platform) -> bool:
    query = (
        "SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) = 0 AND bool_and(coalesce(p.next_offset, 0) > l.last_offset)"
        " FROM relay_log l LEFT JOIN position p USING (topic, partition) WHERE l.last_offset IS NOT NULL"
    )
    return bool(await scalar(platform, query))
