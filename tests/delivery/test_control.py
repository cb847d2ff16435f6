"""The control: the framework's defaults under the same outage must lose data, or this suite has no teeth."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiokafka import TopicPartition as KafkaPartition
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy import text

from services.chassis.kafka.clients import TopicSpec
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import (
    TYPE,
    accept,
    applied_at_least,
    consumer_of,
    effects,
    history,
    record_effects,
    relay_of,
    scalar,
    working,
)
from tests.support.wait import eventually

_OUTAGE = "LOCK TABLE effect IN ACCESS EXCLUSIVE MODE"


@pytest.mark.slow
async def test_the_naive_consumer_loses_what_an_outage_interrupts_and_the_chassis_does_not(
    platforms: Callable[..., Platform],
    database_url: str,
    broker: Broker,
    topic: TopicSpec,
) -> None:
    platform = platforms(database_url, broker, database_statement_timeout_seconds=0.5)
    naive = KafkaBroker(broker.bootstrap, logger=None)

    subscriber = naive.subscriber(
        topic.name, group_id=f"naive-{topic.name}", auto_offset_reset="earliest", batch=True, max_records=10
    )

    @subscriber
    async def store(batch: KafkaMessage) -> None:
        for record in batch.raw_message:
            message = orjson.loads(record.value)
            if message["type"] != TYPE:
                continue
            async with platform.uow() as session:
                await session.execute(
                    text(
                        "INSERT INTO effect (event_id, subject, sequence, place) VALUES (:id, :subject, 1, 'naive')"
                    ),
                    {"id": message["id"], "subject": message["subject"]},
                )

    consumer = consumer_of(platform, topic, record_effects)
    async with working(relay_of(platform, topic).run):
        expected = await accept(platform, history(topic.name, subjects=5, length=20))
        await eventually(lambda: _all_sent(platform), deadline=20)
        await _under_outage(platform, naive.start())
        await eventually(lambda: _read_to_the_end(platform, subscriber.consumer), deadline=40)
        await naive.stop()
        stored = {one[0] for one in await effects(platform)}
        assert len(stored) < len(expected), "the naive consumer lost nothing: the outage did not bite"

        async with platform.uow() as session:
            await session.execute(text("TRUNCATE effect"))
        async with working(consumer.run):
            await _under_outage(platform, asyncio.sleep(0))
            await eventually(lambda: applied_at_least(platform, len(expected)), deadline=30)
    assert sorted(one[0] for one in await effects(platform)) == sorted(expected)


async def _under_outage(platform: Platform, start: Awaitable[object]) -> None:
    """Run `start` while nobody can write, and for two statement timeouts more."""
    async with platform.uow() as blocker:
        await blocker.execute(text(_OUTAGE))
        await start
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'effect'::regclass"
        await eventually(
            lambda: scalar(platform, waiting), deadline=30, message="somebody runs into the outage"
        )
        await eventually(lambda: _nobody(platform, waiting), deadline=30, message="and gives up")


async def _read_to_the_end(platform: Platform, consumer: Any) -> bool:
    """Whether the naive consumer's own offsets say that it has done everything."""
    async with platform.uow() as session:
        ends = await session.execute(text("SELECT topic, partition, last_offset FROM relay_log"))
        wanted = {KafkaPartition(row[0], row[1]): row[2] + 1 for row in ends if row[2] is not None}
    return all(
        [at in consumer.assignment() and await consumer.position(at) >= end for at, end in wanted.items()]
    )


async def _nobody(platform: Platform, waiting: str) -> bool:
    return not await scalar(platform, waiting)


async def _all_sent(platform: Platform) -> bool:
    return bool(await scalar(platform, "SELECT count(*) = 0 FROM outbox WHERE sent_at IS NULL"))
