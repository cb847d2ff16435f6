"""The log from the outside: put anything on a topic, read everything back, as no service would."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient

from deploy.embedded.state import Broker

Headers = tuple[tuple[str, bytes | None], ...]
_QUIET_POLLS = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, or one to be put there (then ``offset`` means nothing)."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    partition: int | None = None
    offset: int = -1


def put(bootstrap: str, records: Iterable[Record]) -> list[tuple[str, int, int]]:
    """Send records in order; where each went (topic, partition, offset)."""

    async def send() -> list[tuple[str, int, int]]:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            went = []
            for record in records:
                sent = await producer.send_and_wait(
                    record.topic,
                    record.value,
                    key=record.key,
                    headers=list(record.headers),
                    partition=record.partition,
                )
                went.append((sent.topic, sent.partition, sent.offset))
            return went

    return asyncio.run(send())


def read(bootstrap: str, topics: Sequence[str], flavour: Broker = "kafka") -> list[Record]:
    """Every record of the topics that exist, from the beginning to where each ended when asked."""

    async def fetch() -> list[Record]:
        wanted = await _partitions(bootstrap, topics)
        if not wanted:
            return []
        async with AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        ) as consumer:
            consumer.assign(wanted)
            await consumer.seek_to_beginning(*wanted)
            # The embedded broker answers wrongly where a log ends, so there silence has to mean the end. What was written after
            # the question breaks no silence: where units go on handing in there would never be any.
            ends = await consumer.end_offsets(wanted) if flavour == "kafka" else None
            asked_at = time.time() * 1_000
            found: list[Record] = []
            quiet = 0
            while quiet < _QUIET_POLLS:
                batch = await consumer.getmany(timeout_ms=200)
                earlier = any(records[0].timestamp <= asked_at for records in batch.values())
                quiet = 0 if earlier else quiet + 1
                for records in batch.values():
                    found += [
                        Record(r.topic, r.value, r.key, tuple(r.headers), r.partition, r.offset)
                        for r in records
                    ]
                if ends and all([await consumer.position(at) >= end for at, end in ends.items()]):
                    break
            return found

    return asyncio.run(fetch())


async def _partitions(bootstrap: str, topics: Sequence[str]) -> list[TopicPartition]:
    """The partitions of those of the topics that exist; asks for none by name, which could create it."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        cluster = await client.fetch_all_metadata()
    finally:
        await client.close()
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(cluster.partitions_for_topic(topic) or ())
    ]
