"""From the outbox through the broker into effects: everything, once, in order."""

import asyncio
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
    asked: list[int] = []
    consumer = consumer_of(platform, topic)

    def waits() -> int:
        return asked[-1] if asked else 0

    async with working(relay_of(platform, topic).run, consumer.run):
        await eventually(lambda: consumer.running, deadline=30)
        client = consumer._subscriber.consumer._client
        send = client.send

        async def noted(node: int, request: Any, **more: Any) -> Any:
            if isinstance(request, FetchRequest):
                asked.append(request._max_wait_ms)
            return await send(node, request, **more)

        client.send = noted
        leisure = {"embedded": 100, "kafka": 250}[broker.flavour]
        await eventually(lambda: waits() == leisure, deadline=20)
        asked.clear()
        expected = await accept(platform, history(topic.name, subjects=3, length=20))
        await eventually(lambda: applied_at_least(platform, len(expected)), deadline=20)
        await eventually(lambda: min(asked) == {"embedded": 15, "kafka": 250}[broker.flavour])
        await eventually(lambda: waits() == leisure, deadline=20)


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
