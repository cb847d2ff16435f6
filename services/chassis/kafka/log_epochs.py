"""Log epochs: how a lost or replaced log of a partition is noticed.

The first record of each partition is a marker with a random id, the log epoch. Relays and consumers store it beside
their positions (column ``incarnation``). Another first record, or none, means that the broker has lost the log, whatever
offsets it reports now. Kafka's own topic id would say the same, but no client shows it and the embedded broker has none.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code

from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.delivery import MARKER_TYPE
from services.chassis.kafka.positions import Partition
from services.chassis.persistence import outbox
from services.chassis.runtime import Clock, ServiceSettings, uuid7

AGED = "aged"
"""The epoch of a log whose first records retention has deleted: unknown, which is no sign of a loss."""

_UNMARKED = "digest:"
_TOPIC_EXISTS, _NO_TOPIC = 36, 3
_SMALL_FETCH, _LARGE_FETCH = 16_384, 16_777_216


class LogUnreachableError(Exception):
    """The broker does not answer, or not in time; nothing is known about its logs now."""


def changed(remembered: str, seen: str | None) -> bool:
    """Return whether the log seen has another epoch than the one remembered; False while no log is seen yet."""
    return seen is not None and seen != AGED and seen != remembered


class LogWatch:
    """Reads the log epochs of partitions. Its connections stay open between checks."""

    def __init__(self, settings: ServiceSettings, role: str, fetch_bytes: int = _SMALL_FETCH) -> None:
        self._settings = settings
        self._role = role
        self._fetch_bytes = fetch_bytes
        self._parts: tuple[AIOKafkaConsumer, AIOKafkaClient] | None = None

    async def read(self, partitions: Iterable[Partition]) -> dict[Partition, str | None]:
        """Return the log epoch of each partition, None where the topic is missing or empty.

        Raises LogUnreachableError when nothing comes from the broker for the time of a request. Each answer begins that
        time anew: where the processor is starved, many partitions take long, and that is no outage. Asks for all
        topics, never for one by name, because the embedded broker creates a topic that is named.
        """
        wanted = set(partitions)
        seconds, clock = self._settings.kafka_request_timeout_seconds, asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(seconds) as limit:

                def heard() -> None:
                    limit.reschedule(clock() + seconds)

                reader, client = await self._started()
                heard()
                cluster = await client.fetch_all_metadata()
                heard()
                here = sorted(p for p in wanted if p[1] in (cluster.partitions_for_topic(p[0]) or ()))
                found: dict[Partition, str | None] = dict.fromkeys(wanted)
                if here:
                    found |= await self._first_records(reader, here, heard)
                return found
        except (KafkaError, OSError, TimeoutError) as failed:
            await self.close()
            raise LogUnreachableError(type(failed).__name__) from failed

    async def close(self) -> None:
        """Close the connection; the next check opens another."""
        parts, self._parts = self._parts, None
        if parts is not None:
            await quietly(parts[0].stop(), 5)
            await quietly(parts[1].close(), 5)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _started(self) -> tuple[AIOKafkaConsumer, AIOKafkaClient]:
        if self._parts is None:
            parts = clients.log_reader(self._settings, f"{self._role}-watch", self._fetch_bytes)
            # Kept before they are started: if the start fails, `close` must still find them.
            self._parts = parts
            await parts[0].start()
            await parts[1].bootstrap()
        return self._parts

    async def _first_records(
        self, reader: AIOKafkaConsumer, here: Sequence[Partition], heard: Callable[[], None]
    ) -> dict[Partition, str | None]:
        asked = {KafkaPartition(*partition): partition for partition in here}
        starts = await reader.beginning_offsets(list(asked))
        heard()
        found: dict[Partition, str | None] = {asked[at]: AGED for at in asked if starts[at] > 0}
        open_ = {at for at in asked if starts[at] == 0}
        if not open_:
            return found
        reader.assign(list(open_))
        try:
            for at in open_:
                reader.seek(at, 0)
            stuck = await self._collect(reader, open_, asked, found, heard)
        finally:
            reader.unsubscribe()  # otherwise it would go on fetching between checks
        if stuck:
            heard()
            found |= await self._with_room(stuck)
        return found

    async def _collect(
        self,
        reader: AIOKafkaConsumer,
        open_: set[KafkaPartition],
        asked: Mapping[KafkaPartition, Partition],
        found: dict[Partition, str | None],
        heard: Callable[[], None],
    ) -> list[Partition]:
        """Add the epochs of first records to ``found``; return the partitions left where one does not arrive.

        Such a record is larger than the small fetch, and is fetched again with more room.
        """
        # A record larger than the fetch never arrives. After this time (seconds) that is assumed to be the cause.
        patience = time.monotonic() + 1.0
        while open_:
            for at in sorted(open_):
                records = (await reader.getmany(at, timeout_ms=20, max_records=1)).get(at)
                highwater = reader.highwater(at)
                if records:
                    found[asked[at]] = epoch_of(records[0]) if records[0].offset == 0 else AGED
                    open_.discard(at)
                    heard()
                    patience = time.monotonic() + 1.0
                elif highwater == 0:
                    found[asked[at]] = None
                    open_.discard(at)
                elif (
                    highwater is not None and time.monotonic() > patience and self._fetch_bytes < _LARGE_FETCH
                ):
                    open_.discard(at)
                    found[asked[at]] = None
                    return [asked[at], *(asked[other] for other in open_)]
        return []

    async def _with_room(self, stuck: Iterable[Partition]) -> dict[Partition, str | None]:
        async with LogWatch(self._settings, self._role, _LARGE_FETCH) as roomy:
            return await roomy.read(stuck)


def epoch_of(first: Any) -> str:
    """Return the log epoch that follows from the first record: the marker's id, or a digest of any other record."""
    try:
        document = orjson.loads(first.value or b"")
    except orjson.JSONDecodeError:
        document = None
    if (
        isinstance(document, dict)
        and document.get("type") == MARKER_TYPE
        and isinstance(document.get("id"), str)
    ):
        return str(document["id"])
    # Two logs may begin with the same content; then the timestamp tells them apart.
    digest = sha256(str(first.timestamp).encode() + b"|" + (first.key or b"") + b"|" + (first.value or b""))
    return f"{_UNMARKED}{digest.hexdigest()[:32]}"


def is_unmarked(epoch: str | None) -> bool:
    """Return whether the log starts without a marker: somebody wrote to it before the relay had started it."""
    return epoch is not None and epoch.startswith(_UNMARKED)


async def provision(settings: ServiceSettings, topics: Sequence[TopicLike], role: str) -> list[str]:
    """Create the topics that do not exist; returns the names of those created. KafkaError when the broker refuses."""
    client = clients.admin(settings, f"{role}-admin")
    await client.start()
    try:
        existing = set(await client.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        created = []
        for topic in missing:
            new = NewTopic(
                topic.name,
                topic.partitions,
                settings.kafka_replication,
                topic_configs=dict(clients.topic_configs(settings, topic)),
            )
            answer = await client.create_topics([new])
            code = answer.topic_errors[0][1]
            if code == 0:
                created.append(topic.name)
            elif code != _TOPIC_EXISTS:  # another relay was faster
                raise for_code(code)(f"creating {topic.name}: {answer.topic_errors[0][2]}")
        return created
    finally:
        await quietly(client.close(), 5)


async def remove(settings: ServiceSettings, topics: Sequence[str], role: str) -> None:
    """Delete topics with everything in them; KafkaError where the broker refuses. One that does not exist is gone already."""
    client = clients.admin(settings, f"{role}-admin")
    await client.start()
    try:
        answer = await client.delete_topics(list(topics))
        for name, code in answer.topic_error_codes:
            if code not in (0, _NO_TOPIC):
                raise for_code(code)(f"deleting {name}")
    finally:
        await quietly(client.close(), 5)


async def mark(producer: AIOKafkaProducer, partition: Partition, service: str, clock: Clock) -> None:
    """Write a marker into a partition. Only the first record of a log counts, so a second marker does no harm."""
    now = clock()
    marker = {
        "specversion": "1.0",
        "id": str(uuid7()),
        "source": service,
        "type": MARKER_TYPE,
        "time": now.isoformat(),
        "data": {"topic": partition[0], "partition": partition[1]},
    }
    await producer.send_and_wait(
        partition[0],
        value=orjson.dumps(marker),
        partition=partition[1],
        timestamp_ms=int(now.timestamp() * 1000),
        headers=[("content-type", outbox.CONTENT_TYPE)],
    )


async def quietly(closing: Any, seconds: float) -> None:
    """Close something of a broker that may be gone; it gets so many seconds."""
    try:
        await asyncio.wait_for(closing, seconds)
    except (KafkaError, OSError, TimeoutError):
        return
