"""What the delivery tests are made of: a producer side, a consumer side, and a look at the effects."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiokafka import TopicPartition as KafkaPartition
from sqlalchemy import text

from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicLike, TopicSpec, dead_letter_topic
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.delivery import MARKER_TYPE, Delivered, receive
from services.chassis.kafka.relay import Relay
from services.chassis.kafka.subscribing import Batch, Handler, Session
from services.chassis.persistence import inbox, outbox
from services.chassis.persistence.outbox import OutboxEvent
from services.chassis.platform import Platform
from services.chassis.runtime.clock import system_clock
from services.chassis.runtime.ids import uuid7

Raw = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]
TYPE = "sample.thing.done.v1"


def event(topic: str, subject: str, sequence: int, *, kind: str = TYPE, **data: Any) -> OutboxEvent:
    """One event of a subject."""
    event_id = uuid7()
    document = {
        "specversion": "1.0",
        "id": str(event_id),
        "type": kind,
        "subject": subject,
        "sequence": str(sequence),
        "data": data,
    }
    return OutboxEvent(
        event_id=event_id,
        topic=topic,
        key=subject,
        subject=subject,
        sequence=sequence,
        payload=orjson.dumps(document),
        recorded_at=system_clock(),
    )


def history(topic: str, subjects: int, length: int, after: int = 0) -> list[OutboxEvent]:
    """`length` events of each subject, interleaved, with sequences from `after` + 1."""
    return [event(topic, f"s{s}", n) for n in range(after + 1, after + length + 1) for s in range(subjects)]


async def accept(platform: Platform, events: Sequence[OutboxEvent], per_transaction: int = 50) -> list[str]:
    """Append events as use cases do, several per transaction; their ids."""
    for start in range(0, len(events), per_transaction):
        async with platform.uow() as session:
            await outbox.append(session, events[start : start + per_transaction])
    return [str(one.event_id) for one in events]


async def record_effects(batch: Batch, session: Session) -> None:
    """A handler whose effect is not idempotent: whatever is applied twice shows."""
    for item in batch:
        await session.execute(
            text(
                "INSERT INTO effect (event_id, subject, sequence, place) VALUES (:id, :subject, :sequence, :place)"
            ),
            {
                "id": item.id,
                "subject": item.document["subject"],
                "sequence": int(item.document["sequence"]),
                "place": f"{item.topic}/{item.partition}/{item.offset}",
            },
        )


async def record_once(batch: Batch, session: Session) -> None:
    """The same behind an inbox, as a handler must be whose effect is not idempotent."""
    new = await inbox.claim(session, "sample-consumer", [item.id for item in batch])
    fresh = []
    for item in batch:
        if item.id in new:
            new.discard(item.id)
            fresh.append(item)
    await record_effects(fresh, session)


def consumer_of(
    platform: Platform,
    topic: TopicLike,
    handler: Handler = record_effects,
    name: str = "sample-consumer",
    **options: Any,
) -> Consumer:
    """A consumer of one topic that knows the sample's type."""
    return Consumer(platform, name, [topic], handler, known_types=[TYPE], **options)


async def effects(platform: Platform) -> list[tuple[str, str, int]]:
    """(event id, subject, sequence) in the order applied."""
    async with platform.uow() as session:
        rows = await session.execute(text("SELECT event_id, subject, sequence FROM effect ORDER BY id"))
        return [(row[0], row[1], row[2]) for row in rows]


async def scalar(platform: Platform, query: str, **values: Any) -> Any:
    """One value from the database."""
    async with platform.uow() as session:
        return await session.scalar(text(query), values)


def in_order(found: Sequence[tuple[str, str, int]]) -> bool:
    """Whether each subject's sequences only rise, counting first occurrences."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    for event_id, subject, sequence in found:
        if event_id in seen:
            continue
        seen.add(event_id)
        if sequence <= last.get(subject, 0):
            return False
        last[subject] = sequence
    return True


@asynccontextmanager
async def working(*parts: Callable[[asyncio.Event], Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run parts (relays, consumers) as tasks; stop them in good order at the end and show their errors."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(part(stop)) for part in parts]
    try:
        yield tasks
    finally:
        stop.set()
        done, late = await asyncio.wait(tasks, timeout=20)
        for task in late:
            task.cancel()
        assert not late, "a part did not stop"
        for task in done:
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure


def relay_of(platform: Platform, *topics: TopicLike) -> Relay:
    """The relay of these topics and of their dead letters."""
    return Relay(platform, [*topics, *(dead_letter_topic(topic.name) for topic in topics)])


def topic_named(name: str, partitions: int = 3) -> TopicSpec:
    """A topic."""
    return TopicSpec(name, partitions)


async def put(platform: Platform, topic: str, *records: Raw) -> None:
    """Write records to the first partition of a topic, past every outbox: what strangers might send."""
    producer = clients.producer(platform.settings, "stranger")
    await producer.start()
    try:
        for key, value, headers in records:
            await producer.send_and_wait(topic, value=value, key=key, partition=0, headers=list(headers))
    finally:
        await producer.stop()


async def read_topic(platform: Platform, topic: str, wanted: int, deadline: float = 20) -> list[Any]:
    """At least `wanted` records of the first partition of a topic, markers left out."""
    reader, client = clients.log_reader(platform.settings, "look", 1_048_576)
    await reader.start()
    found: list[Any] = []
    end = asyncio.get_running_loop().time() + deadline
    try:
        reader.assign([KafkaPartition(topic, 0)])
        reader.seek(KafkaPartition(topic, 0), 0)
        while len(found) < wanted and asyncio.get_running_loop().time() < end:
            for batch in (await reader.getmany(timeout_ms=100)).values():
                found += [record for record in batch if MARKER_TYPE.encode() not in (record.value or b"")]
    finally:
        await reader.stop()
        await client.close()
    return found


async def logs_exist(platform: Platform, topic: TopicLike) -> bool:
    """Whether the relay has started the topic's log."""
    query = "SELECT count(*) >= :wanted FROM relay_log WHERE topic = :topic"
    return bool(await scalar(platform, query, topic=topic.name, wanted=topic.partitions))


async def applied_at_least(platform: Platform, wanted: int) -> bool:
    """Whether so many effects are there."""
    return bool(await scalar(platform, "SELECT count(*) >= :wanted FROM effect", wanted=wanted))


def delivered(topic: str, partition: int, offset: int, subject: str, sequence: int) -> Delivered:
    """A message as a handler gets it."""
    made = event(topic, subject, sequence)
    found = receive(topic, partition, offset, subject.encode(), made.payload, (), 1_700_000_000_000)
    assert isinstance(found, Delivered)
    return found
