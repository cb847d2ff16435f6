"""From the outbox through the broker into effects: everything, once, in order."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

from aiokafka.protocol.fetch import FetchRequest

from services.chassis.kafka.clients import TopicSpec
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import (
    accept,
    applied_at_least,
    consumer_of,
    effects,
    history,
    in_order,
    relay_of,
    scalar,
    working,
)
from tests.support.wait import eventually


async def test_everything_accepted_is_applied_once_and_in_order_per_subject(
    platform: Platform, topic: TopicSpec
) -> None:
    relay, consumer = relay_of(platform, topic), consumer_of(platform, topic)
    async with working(relay.run, consumer.run):
        expected = await accept(platform, history(topic.name, subjects=12, length=40))
        await eventually(lambda: _count(platform, len(expected)), deadline=30)
    found = await effects(platform)
    assert sorted(event_id for event_id, _, _ in found) == sorted(expected)
    assert in_order(found)
    assert await scalar(platform, "SELECT count(*) FROM outbox WHERE sent_offset IS NULL") == 0


async def test_in_a_silence_the_broker_is_asked_at_leisure_and_at_once_again_when_something_comes(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, log_check_seconds=0.3)
    asked: list[float] = []
    consumer = consumer_of(platform, topic)

    def gaps() -> list[float]:
        """Seconds between the last dozen fetches."""
        return [later - sooner for sooner, later in itertools.pairwise(asked[-12:])]

    def at_leisure() -> bool:
        # Two fetches may share the window in which partitions are not paused.
        return len(gaps()) == 11 and sum(gaps()) / 11 > {"embedded": 0.03, "kafka": 0.2}[broker.flavour]

    async with working(relay_of(platform, topic).run, consumer.run):
        await eventually(lambda: consumer.running, deadline=30)
        client = consumer._subscriber.consumer._client
        send = client.send

        async def noted(node: int, request: Any, **more: Any) -> Any:
            if isinstance(request, FetchRequest):
                asked.append(time.monotonic())
            return await send(node, request, **more)

        client.send = noted
        await eventually(at_leisure, deadline=20)
        expected = await accept(platform, history(topic.name, subjects=3, length=20))
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=20)
        if broker.flavour == "embedded":
            asked.clear()
            await eventually(lambda: bool(gaps()) and min(gaps()) < 0.03, message="it asks at once again")
            assert not consumer._subscriber.consumer.paused()
        await eventually(at_leisure, deadline=20)


async def test_a_partition_that_is_not_ours_any_more_has_no_lag_here_and_a_consumer_that_is_over_does_not_run(
    platform: Platform, topic: TopicSpec
) -> None:
    def shown() -> str:
        return platform.metrics.expose().decode()

    consumer = consumer_of(platform, topic)
    stop = asyncio.Event()
    async with working(relay_of(platform, topic).run):
        running = asyncio.create_task(consumer.run(stop))
        await accept(platform, history(topic.name, subjects=3, length=5))
        lag = f'khopso_consumer_lag_records{{consumer="sample-consumer",partition="0",topic="{topic.name}"}} 0.0'
        await eventually(lambda: lag in shown(), deadline=30)
        assert 'khopso_consumer_running{consumer="sample-consumer"} 1.0' in shown()
        stop.set()
        await running
    assert "khopso_consumer_lag_records{" not in shown()
    assert "khopso_consumer_running{" not in shown()


async def _count(platform: Platform, wanted: int) -> bool:
    return bool(await scalar(platform, "SELECT count(*) >= :wanted FROM effect", wanted=wanted))
