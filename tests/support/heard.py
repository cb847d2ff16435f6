"""A consumer's subscriber on FastStream's test broker: its whole chain of calls, without a log and without a database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker, TestKafkaBroker

from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.delivery import Permanent, Retryable, Undelivered
from services.chassis.kafka.middleware import Apply, Records
from services.chassis.kafka.offset_filter import OffsetFilter
from services.chassis.kafka.positions import Position

Header = tuple[str, bytes | None]


@dataclass
class Heard:
    """Publish to ``log``, or ``poll`` records as they come from Kafka; ``refused`` has the reasons of dead letters."""

    log: KafkaBroker
    subscriber: Any
    single: bool
    refused: list[str] = field(default_factory=list)

    async def poll(self, *records: ConsumerRecord[bytes, bytes]) -> None:
        """Hand over what one poll returned, to a subscriber of single messages one by one."""
        for received in records if self.single else [tuple(records)]:
            await self.subscriber.consume(received)


@asynccontextmanager
async def hearing(consumer: Consumer, session: Any = None) -> AsyncIterator[Heard]:
    """Let a consumer hear what is published, each message as in a transaction of its own with this session."""
    reasons: list[str] = []

    async def deliver(records: Records, apply: Apply) -> bool:
        next_ = {(one.topic, one.partition): Position("log", one.offset) for one in reversed(records)}
        for item in OffsetFilter(consumer.name, consumer.known_types).apply(records, next_).items:
            if isinstance(item, Undelivered):
                reasons.append(item.reason)
                continue
            try:
                await apply([item], session)
            except Permanent as refused:
                reasons.append(refused.reason)
            except Retryable:
                return False
        return True

    consumer._deliver = deliver  # type: ignore[method-assign]
    partitions = [(topic.name, n) for topic in consumer.topics.values() for n in range(topic.partitions)]
    broker, subscriber = consumer.subscribe(partitions)
    async with TestKafkaBroker(broker) as log:
        yield Heard(log, subscriber, consumer._single, reasons)


def record(
    topic: str, offset: int, value: bytes | None, headers: Sequence[Header] = (), key: bytes = b"k"
) -> ConsumerRecord[bytes, bytes]:
    """Return a record as aiokafka has it."""
    size = len(value or b"")
    return ConsumerRecord(
        topic, 0, offset, 1_700_000_000_000, 0, key, value, None, len(key), size, tuple(headers)
    )
