"""Brokers that lose their log, databases that restart, consumers that wake up too late."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.postgres import PostgresServer
from deploy.ports import free_ports
from services.chassis.kafka import clients, positions
from services.chassis.kafka.applying import Applier
from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.subscribing import Batch, Session
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.platform import PACKAGE, settings_for
from tests.support.rig import (
    TYPE,
    accept,
    applied_at_least,
    consumer_of,
    delivered,
    effects,
    event,
    history,
    in_order,
    record_effects,
    record_once,
    relay_of,
    scalar,
    working,
)
from tests.support.wait import eventually


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_lost_log_is_noticed_refilled_and_applied_again_while_everybody_keeps_running(
    platforms: Callable[..., Platform], database_url: str, own_broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, own_broker)
    received: list[str] = []

    async def once(batch: Batch, session: Session) -> None:
        received.extend(item.id for item in batch)
        await record_once(batch, session)

    consumer = consumer_of(platform, topic, once)
    async with working(relay_of(platform, topic).run, consumer.run):
        first = await accept(platform, history(topic.name, subjects=4, length=25))
        await eventually(lambda: applied_at_least(platform, len(first)), deadline=30)
        before = await _epochs(platform)

        await asyncio.to_thread(own_broker.lose_log)
        # More than there was, so that the new log soon reaches past the old positions.
        second = await accept(platform, history(topic.name, subjects=4, length=60, after=25))
        await eventually(lambda: applied_at_least(platform, len(first) + len(second)), deadline=60)
        await eventually(lambda: set(first) <= set(received[len(first) :]), deadline=60)
        # A re-grown log may be read from the middle until the loss is noticed: the order that counts is how it ends.
        known = {one[0]: one for one in await effects(platform)}
        await eventually(
            lambda: in_order([known[event] for event in _by_last_receipt(received)]), deadline=60
        )
    assert sorted(one[0] for one in await effects(platform)) == sorted([*first, *second])
    after = await _epochs(platform)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert _lost(platform, "relay") >= 1
    assert _lost(platform, "consumer") >= 1


async def test_a_log_deleted_under_running_clients_is_noticed_before_anything_is_sent(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker)
    consumer = consumer_of(platform, topic, record_once)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, history(topic.name, subjects=3, length=10))
        await eventually(lambda: applied_at_least(platform, 30))
        before = await _epochs(platform)
        admin = clients.admin(platform.settings, "vandal")
        await admin.start()
        await admin.delete_topics([topic.name])
        await admin.close()
        await eventually(lambda: _lost(platform, "relay") >= 1, deadline=10)
        await eventually(lambda: _lost(platform, "consumer") >= 1, deadline=10)
        await accept(platform, history(topic.name, subjects=3, length=10))
        await eventually(lambda: applied_at_least(platform, 60))
        assert before != await _epochs(platform)


@pytest.mark.embedded
async def test_a_log_that_was_written_before_it_was_created_is_started_anew(
    platforms: Callable[..., Platform],
    database_url: str,
    tmp_path: Path,
    topic: TopicSpec,
) -> None:
    """The embedded broker, just started, takes records for topics that it does not have and mixes logs up then."""
    with EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log") as server:
        broker = Broker(server, "embedded")
        platform = platforms(database_url, broker)
        consumer = consumer_of(platform, topic, record_once)
        async with working(consumer.run):
            async with working(relay_of(platform, topic).run):
                first = await accept(platform, history(topic.name, subjects=4, length=10))
                await eventually(lambda: applied_at_least(platform, len(first)))
            knows_the_topic = clients.producer(platform.settings, "too-early")
            await knows_the_topic.start()
            await knows_the_topic.partitions_for(topic.name)
            await asyncio.to_thread(broker.lose_log)
            early = knows_the_topic.create_batch()
            for one in history(topic.name, subjects=1, length=30, after=10):
                early.append(timestamp=None, key=b"s0", value=one.payload)
            await knows_the_topic.send_batch(early, topic.name, partition=0)
            await asyncio.wait_for(knows_the_topic.stop(), 10)
            async with working(relay_of(platform, topic).run):
                second = await accept(platform, history(topic.name, subjects=4, length=30, after=40))
                wanted = {*first, *second}
                await eventually(lambda: _all_applied(platform, wanted), deadline=30)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("own_broker", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_a_broker_that_restarts_with_its_log_loses_and_repeats_nothing(
    platforms: Callable[..., Platform], database_url: str, own_broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, own_broker)
    consumer = consumer_of(platform, topic)
    async with working(relay_of(platform, topic).run, consumer.run):
        first = await accept(platform, history(topic.name, subjects=4, length=25))
        await eventually(lambda: applied_at_least(platform, len(first)), deadline=30)
        await asyncio.to_thread(own_broker.kill)
        second = await accept(platform, history(topic.name, subjects=4, length=25, after=25))
        await asyncio.to_thread(own_broker.start)
        await eventually(lambda: applied_at_least(platform, len(first) + len(second)), deadline=90)
    found = await effects(platform)
    assert sorted(one[0] for one in found) == sorted([*first, *second])
    assert _lost(platform, "relay") == 0
    assert _lost(platform, "consumer") == 0


async def test_a_database_killed_in_mid_stream_loses_and_repeats_nothing(
    platforms: Callable[..., Platform], own_postgres: PostgresServer, broker: Broker, topic: TopicSpec
) -> None:
    url = own_postgres.ensure_service("sample", "secret")
    migrations.upgrade(settings_for(url), PACKAGE)
    platform = platforms(url, broker)
    consumer = consumer_of(platform, topic, _slowly, max_records=20)
    async with working(relay_of(platform, topic).run, consumer.run):
        expected = await accept(platform, history(topic.name, subjects=10, length=60))
        for part in (60, 200):
            await eventually(partial(applied_at_least, platform, part), deadline=30)
            await asyncio.to_thread(own_postgres.kill)
            await asyncio.to_thread(own_postgres.start)
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=40)
    found = await effects(platform)
    assert sorted(one[0] for one in found) == sorted(expected)
    assert in_order(found)
    assert await scalar(platform, "SELECT count(*) FROM dead_letter") == 0


async def test_a_zombie_that_wakes_up_late_is_fenced_and_changes_nothing(
    platforms: Callable[..., Platform], database_url: str, broker: Broker
) -> None:
    platform = platforms(database_url, broker)
    at = ("zombies", 0)
    async with platform.uow() as session:
        await positions.start(session, "c", at, "log-1")
    zombie, heir = Applier(platform, "c"), Applier(platform, "c")
    for each in (zombie, heir):
        await each.load()
        each.own([at])
    batch = [delivered(*at, offset, "s", offset + 1) for offset in range(10)]
    assert await heir.apply(list(batch), record_effects)
    assert not await zombie.apply(list(batch[:5]), record_effects), (
        "the zombie is told to read its positions again"
    )
    assert zombie.cursor[at].next_offset == 10
    assert [one[2] for one in await effects(platform)] == list(range(1, 11))
    assert platform.metrics.fenced.labels("c")._value.get() == 1


async def test_a_fenced_batch_is_read_again_though_nothing_new_arrives(
    platform: Platform, topic: TopicSpec
) -> None:
    fencing = iter([True, True])

    async def fenced_twice(batch: Batch, session: Session) -> None:
        if next(fencing, False):
            raise positions.StalePosition("as if another process had been here")
        await record_effects(batch, session)

    expected = await accept(platform, history(topic.name, subjects=1, length=10))
    consumer = consumer_of(platform, topic, fenced_twice)
    async with working(relay_of(platform, topic).run, consumer.run):
        await eventually(lambda: applied_at_least(platform, len(expected)))
    assert [one[0] for one in await effects(platform)] == expected


async def test_two_live_consumers_of_the_same_partitions_apply_everything_once(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    """The lock (embedded) or the group (Kafka) that keeps consumers apart is taken away under a running one."""
    platform = platforms(database_url, broker)
    first = consumer_of(platform, topic, _slowly, max_records=15)
    second = consumer_of(platform, topic, _slowly, max_records=15)
    async with working(relay_of(platform, topic).run, first.run, second.run):
        expected = await accept(platform, history(topic.name, subjects=10, length=40))
        await eventually(lambda: applied_at_least(platform, 50), deadline=30)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND application_name = 'khopso-sample-consumer'"
            )
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=40)
    found = await effects(platform)
    assert sorted(one[0] for one in found) == sorted(expected)
    assert in_order(found)


@pytest.mark.kafka
async def test_rebalances_in_mid_batch_lose_and_repeat_nothing(
    platforms: Callable[..., Platform], database_url: str, kafka_broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, kafka_broker)
    async with working(
        relay_of(platform, topic).run, consumer_of(platform, topic, _slowly, max_records=10).run
    ):
        expected = await accept(platform, history(topic.name, subjects=12, length=50))
        for part in (40, 180, 320):
            await eventually(partial(applied_at_least, platform, part), deadline=30)
            guest = consumer_of(platform, topic, _slowly, max_records=10)
            async with working(guest.run):
                await eventually(partial(applied_at_least, platform, part + 60), deadline=30)
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=40)
    found = await effects(platform)
    assert sorted(one[0] for one in found) == sorted(expected)
    assert in_order(found)


async def test_a_topic_that_appears_later_is_taken_up(
    platform: Platform, platforms: Callable[..., Platform], new_database: Callable[[str], str], broker: Broker
) -> None:
    early, late = (
        TopicSpec(f"{platform.database.url.database}.early"),
        TopicSpec(f"{platform.database.url.database}.late"),
    )
    consumer = Consumer(platform, "sample-consumer", [early, late], record_effects, known_types=[TYPE])
    async with working(relay_of(platform, early).run, consumer.run):
        await accept(platform, [event(early.name, "e", 1)])
        await eventually(lambda: applied_at_least(platform, 1))
        url = new_database("other")
        migrations.upgrade(settings_for(url), PACKAGE)
        other = platforms(url, broker)
        async with working(relay_of(other, late).run):
            await accept(other, [event(late.name, "l", 1)])
            await eventually(lambda: applied_at_least(platform, 2))


async def _all_applied(platform: Platform, wanted: set[str]) -> bool:
    return wanted <= {one[0] for one in await effects(platform)}


async def _slowly(batch: Batch, session: Session) -> None:
    await record_effects(batch, session)
    await asyncio.sleep(0.02)


async def _epochs(platform: Platform) -> dict[tuple[str, int], str]:
    async with platform.uow() as session:
        found = await positions.load(session, "sample-consumer")
    return {at: position.epoch for at, position in found.items()}


def _by_last_receipt(received: list[str]) -> list[str]:
    """Each event once, in the order in which they were received for the last time."""
    return list(reversed(dict.fromkeys(reversed(received))))


def _lost(platform: Platform, role: str) -> float:
    samples = [sample for metric in platform.metrics.log_lost.collect() for sample in metric.samples]
    return sum(one.value for one in samples if one.name.endswith("_total") and one.labels["role"] == role)
