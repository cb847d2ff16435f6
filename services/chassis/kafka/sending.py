"""Send the outbox rows of one partition in their order, with any producer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from services.chassis.kafka.positions import Partition
from services.chassis.persistence import outbox, unpack_headers


@dataclass(frozen=True, slots=True)
class Row:
    """An outbox row as the relay reads it."""

    id: int
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """The partition and offset at which a row is in the log."""

    row: Row
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class PartitionResult:
    """The rows of one partition that the broker acknowledged, and the error that ended the sending early (or None)."""

    sent: list[Sent]
    error: Exception | None


def partition_of(key: bytes | None, partitions: int) -> int:
    """Return the partition that Kafka itself chooses for a key (murmur2), of so many partitions; without a key the first."""
    # Kafka's own producers clear the sign bit too; without it the same key could get another partition.
    return 0 if key is None else (int(murmur2(key)) & 0x7FFFFFFF) % partitions


def row_of(found: tuple[Any, ...]) -> Row:
    """Return a row of the relay's query (id, topic, key, payload, headers, created_at)."""
    row_id, topic, key, payload, headers, created_at = found
    return Row(
        id=row_id,
        topic=topic,
        key=None if key is None else key.encode(),
        value=payload,
        headers=[("content-type", outbox.CONTENT_TYPE)] if headers is None else unpack_headers(headers),
        created_at=created_at,
    )


async def send_partition(
    producer: AIOKafkaProducer,
    at: Partition,
    rows: Sequence[Row],
    timeout_seconds: float,
    assure: Callable[[], Awaitable[None]],
) -> PartitionResult:
    """Send rows of one partition in batches, each taken whole or not at all, the next after the last was acknowledged.

    So an unsent row never has a later one of its partition before it on the log, whatever the producer retries.
    ``assure`` raises when this process may no longer send; it is asked before each batch.
    """
    sent: list[Sent] = []
    rest = list(rows)
    try:
        while rest:
            batch = producer.create_batch()
            taken = 0
            for row in rest:
                moment = int(row.created_at.timestamp() * 1000)
                if batch.append(timestamp=moment, key=row.key, value=row.value, headers=row.headers) is None:
                    break
                taken += 1
            batch.close()
            # A process that was paused may have lost its lease, and another one may be sending the same rows.
            await assure()
            async with asyncio.timeout(timeout_seconds):
                # An idempotent producer has no time limit for sending, so one is set here.
                acknowledged = await (await producer.send_batch(batch, at[0], partition=at[1]))
            # The broker stores a batch as a whole, so its records have consecutive offsets.
            sent += [Sent(row, at[1], acknowledged.offset + n) for n, row in enumerate(rest[:taken])]
            rest = rest[taken:]
    except (KafkaError, OSError, TimeoutError) as error:
        return PartitionResult(sent, error)
    return PartitionResult(sent, None)
