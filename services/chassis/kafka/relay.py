"""The relay: sends the events of the outbox to Kafka. One process of a service does it at a time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psycopg
from aiokafka import AIOKafkaProducer

from services.chassis.kafka import clients, topic_options
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.log_epochs import (
    LogUnreachableError,
    LogWatch,
    changed,
    is_unmarked,
    mark,
    provision,
    quietly,
    remove,
)
from services.chassis.kafka.positions import Partition
from services.chassis.kafka.sending import PartitionResult, Row, Sent, partition_of, row_of, send_partition
from services.chassis.persistence import CHANNEL, Lease, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, pause

log = get_logger(__name__)

_UNSENT = "SELECT id, topic, key, payload, headers, created_at FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT %s"
_MARK_SENT = (
    "UPDATE outbox AS o SET sent_at = clock_timestamp(), sent_partition = v.p, sent_offset = v.o"
    " FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS v(id, p, o) WHERE o.id = v.id"
)
_REACHED = "UPDATE relay_log SET last_offset = greatest(last_offset, %s) WHERE topic = %s AND partition = %s"
_REMEMBER = (
    "INSERT INTO relay_log (topic, partition, incarnation) VALUES (%s, %s, %s)"
    " ON CONFLICT (topic, partition) DO UPDATE SET incarnation = excluded.incarnation, last_offset = NULL"
)
_SEND_AGAIN = (
    "UPDATE outbox SET sent_at = NULL, sent_partition = NULL, sent_offset = NULL"
    " WHERE topic = %s AND sent_at IS NOT NULL AND (%s < 0 OR created_at > now() - %s * interval '1 millisecond')"
)
_OURS = "SELECT DISTINCT topic FROM outbox WHERE topic = ANY(%s)"
_STANDBY_SECONDS = 1.0
_LAST_SECONDS = 2.0
# After this time (seconds) without events the table is read less often; every event sends a notification anyway.
_SILENCE_SECONDS = 1.0
_SILENT_POLLS = 6
# After this time (seconds) without sending, the broker may have been restarted unnoticed: check the logs before sending.
_TRUST_SECONDS = {"kafka": 0.3, "embedded": 0.1}


def lease_of(service: str) -> str:
    """Return the name of the lease that the one relay of a service holds while it sends."""
    return f"relay:{service}"


class RelayFailedError(Exception):
    """The producer cannot continue in this process: the relay's process must end and be started again."""


class Relay:
    """Sends unsent outbox rows in the order of their ids, each with its key, and marks them sent.

    Order per key holds with any producer: rows of one partition go in batches that the broker takes whole or not at
    all, one batch in flight per partition, the next only after the last was acknowledged. After a failure the same
    rows go again, so the first occurrences on the log are always in order.
    """

    def __init__(self, platform: Platform, topics: Sequence[TopicLike]) -> None:
        self._platform = platform
        self._settings = platform.settings
        self._topics = {topic.name: topic for topic in topics}
        self._watch = LogWatch(platform.settings, "relay")
        self._next_check = 0.0
        self._looking: asyncio.Task[dict[Partition, str | None]] | None = None
        self._aligned = False
        self._contact = 0.0
        self._busy_until = 0.0
        self._trust_seconds = _TRUST_SECONDS[self._settings.kafka_flavour]

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; rides out database and broker outages; RelayFailedError on what it cannot mend."""
        seconds = 0.1
        while not stop.is_set():
            self._beat()
            try:
                await self._hold(stop)
                seconds = 0.1
            except Exception as error:
                if not (
                    isinstance(error, LogUnreachableError) or is_outage(error) or clients.is_passing(error)
                ):
                    log.error("relay cannot go on", **describe(error))
                    raise RelayFailedError(type(error).__name__) from error
                self._platform.metrics.relay_failures.labels(type(error).__name__).inc()
                log.warning("relay interrupted, trying again", pause_seconds=seconds, **describe(error))
                await pause(stop, seconds)
                seconds = min(seconds * 2, 5.0)
        self._platform.health.retire("relay")

    async def _hold(self, stop: asyncio.Event) -> None:
        """Take the lease, waiting while another process has it; then send until its connection is lost."""
        service = self._settings.service
        lease = await Lease.on(
            self._platform.database,
            lease_of(service),
            self._settings.lease_seconds,
            application=f"khopso-{service}-relay",
        )
        connection = lease.connection
        producer: AIOKafkaProducer | None = None
        try:
            if not await self._taken(lease, stop):
                return
            self._platform.metrics.relay_active.set(1)
            # LISTEN before the table is read for the first time: no event may be missed in between.
            await connection.execute(f"LISTEN {CHANNEL}")
            producer = clients.producer(self._settings, "relay")
            await asyncio.wait_for(producer.start(), self._settings.kafka_send_timeout_seconds)
            # A log that was lost meanwhile must get its old events again before new ones are sent to it.
            await self._check_logs(connection, producer)
            if not self._aligned:
                await topic_options.align(self._settings, list(self._topics.values()), "relay")
                self._aligned = True
            log.info("relay active", topics=sorted(self._topics))
            while not stop.is_set():
                await self._poll(lease, producer)
            async with asyncio.timeout(_LAST_SECONDS):  # what was accepted while going down
                while await self._send_unsent(lease, producer):
                    self._beat()
        finally:
            self._platform.metrics.relay_active.set(0)
            if producer is not None:
                await quietly(producer.stop(), 3)
            await self._stop_looking()
            await self._watch.close()
            await lease.close()

    async def _taken(self, lease: Lease, stop: asyncio.Event) -> bool:
        waiting = False
        while not stop.is_set():
            self._beat()
            if await lease.take():
                return True
            if not waiting:
                log.info("relay on standby: another process is active")
                waiting = True
            await pause(stop, _STANDBY_SECONDS)
        return False

    async def _poll(self, lease: Lease, producer: AIOKafkaProducer) -> None:
        """Check the logs when it is time, send unsent events, then wait for a notification or the poll interval."""
        self._beat()
        connection = lease.connection
        if self._looking is None and time.monotonic() >= self._next_check:
            self._looking = asyncio.create_task(
                self._watch.read(self._partitions())
            )  # sending goes on meanwhile
        if self._looking is not None and self._looking.done():
            seen = self._looking.result()
            self._looking = None
            await self._judge(connection, producer, seen)
        found = await self._send_unsent(lease, producer)
        if found:
            self._busy_until = time.monotonic() + _SILENCE_SECONDS
        # A full batch means that more is waiting, so there is nothing to wait for.
        if found >= self._settings.relay_batch_rows:
            return
        seconds = self._settings.relay_poll_milliseconds / 1000
        if time.monotonic() > self._busy_until:
            seconds *= _SILENT_POLLS
        # A notification ends the wait early. In any case the next poll reads the table.
        async for _ in connection.notifies(timeout=seconds, stop_after=1):
            pass  # those that came while we were sending say nothing more than one of them

    async def _send_unsent(self, lease: Lease, producer: AIOKafkaProducer) -> int:
        """Send unsent rows, up to the batch limit; return the number of rows read."""
        connection = lease.connection
        found = await (await connection.execute(_UNSENT, (self._settings.relay_batch_rows,))).fetchall()
        if not found:
            return 0
        if time.monotonic() - self._contact > self._trust_seconds and await self._check_logs(
            connection, producer
        ):
            return self._settings.relay_batch_rows  # what the lost log had goes first
        batches: dict[Partition, list[Row]] = defaultdict(list)
        for row in map(row_of, found):
            # To skip a row of an unknown topic would lose an event silently, so the relay stops instead.
            topic = self._topics.get(row.topic)
            if topic is None:
                raise RelayFailedError(f"outbox row {row.id} names the unknown topic {row.topic}")
            batches[row.topic, partition_of(row.key, topic.partitions)].append(row)
        # Errors are raised later: first the rows of the other partitions must be marked sent, or they are sent twice.
        results = await asyncio.gather(
            *(
                send_partition(producer, at, rows, self._settings.kafka_send_timeout_seconds, lease.assure)
                for at, rows in batches.items()
            ),
            return_exceptions=True,
        )
        sent = [one for result in results if isinstance(result, PartitionResult) for one in result.sent]
        await self._mark(connection, sent)
        self._contact = time.monotonic()
        for result in results:
            if isinstance(result, PartitionResult) and result.error is not None:
                raise result.error
            if isinstance(result, BaseException):
                raise result
        return len(found)

    async def _mark(self, connection: psycopg.AsyncConnection[Any], sent: Sequence[Sent]) -> None:
        if not sent:
            return
        reached: dict[Partition, int] = {}
        for one in sent:
            reached[one.row.topic, one.partition] = one.offset
        async with connection.transaction():
            await connection.execute(
                _MARK_SENT,
                ([s.row.id for s in sent], [s.partition for s in sent], [s.offset for s in sent]),
            )
            for (topic, partition), offset in sorted(reached.items()):
                await connection.execute(_REACHED, (offset, topic, partition))
        now = self._platform.clock()
        for one in sent:
            self._platform.metrics.relay_sent.labels(one.row.topic).inc()
            self._platform.metrics.relay_delay.observe(max(0.0, (now - one.row.created_at).total_seconds()))

    async def _check_logs(self, connection: psycopg.AsyncConnection[Any], producer: AIOKafkaProducer) -> bool:
        """Check the logs before anything further is sent; return True when one was lost."""
        await self._stop_looking()
        return await self._judge(connection, producer, await self._watch.read(self._partitions()))

    async def _stop_looking(self) -> None:
        looking, self._looking = self._looking, None
        if looking is not None:
            await asyncio.wait([looking])
            # Read only so that asyncio does not report an exception that was never retrieved.
            looking.exception()

    async def _judge(
        self,
        connection: psycopg.AsyncConnection[Any],
        producer: AIOKafkaProducer,
        seen: dict[Partition, str | None],
    ) -> bool:
        """Create missing topics, write missing markers, and mark events of lost logs as unsent.

        Return True when a log was lost.
        """
        await self._repair(connection, seen)
        missing = [at for at, found in seen.items() if found is None]
        if missing:
            topics = [self._topics[name] for name in sorted({at[0] for at in missing})]
            created = await provision(self._settings, topics, "relay")
            for at in missing:
                async with asyncio.timeout(self._settings.kafka_send_timeout_seconds):
                    await mark(producer, at, self._settings.service, self._platform.clock)
            log.info("logs started", created=created, partitions=len(missing))
            # The first record of a log is its epoch, whoever wrote it, so it is read back from the log.
            seen |= await self._watch.read(missing)
        rows = await (
            await connection.execute("SELECT topic, partition, incarnation FROM relay_log")
        ).fetchall()
        remembered = {(topic, partition): epoch for topic, partition, epoch in rows}
        lost = {at[0] for at, was in remembered.items() if at in seen and changed(was, seen[at])}
        fresh = {at: now for at, now in seen.items() if now is not None and at not in remembered}
        self._contact = time.monotonic()
        self._next_check = self._contact + self._settings.log_check_seconds
        if not lost and not fresh:
            return False
        async with connection.transaction():
            for topic in sorted(lost):
                # Events older than the retention would be deleted from the topic again.
                retention = self._topics[topic].retention_ms
                again = await connection.execute(_SEND_AGAIN, (topic, retention, retention))
                self._platform.metrics.log_lost.labels("relay", topic).inc()
                log.error(
                    "LOG LOST: the broker has another log of this topic; sending it again from the outbox",
                    topic=topic,
                    events=again.rowcount,
                )
            for at, now in sorted(seen.items()):
                if now is not None and (at[0] in lost or at in fresh):
                    await connection.execute(_REMEMBER, (*at, now))
        return bool(lost)

    async def _repair(
        self, connection: psycopg.AsyncConnection[Any], seen: dict[Partition, str | None]
    ) -> None:
        """Delete topics of the embedded broker that have records but no marker, and set their epochs in ``seen`` to None.

        Just after its start this broker accepts records for topics that were not created yet, and mixes them with records
        sent after the creation. All events are in the outbox, so such a topic is deleted and filled again.
        """
        unmarked = {at[0] for at, found in seen.items() if is_unmarked(found)}
        if not unmarked or not clients.is_embedded(self._settings):
            return
        # Only topics with events in our own outbox may be deleted, since only these can be filled again.
        ours = await (await connection.execute(_OURS, (sorted(unmarked),))).fetchall()
        damaged = sorted(topic for (topic,) in ours)
        if damaged:
            log.error(
                "LOG DAMAGED: it began without its marker; starting it anew from the outbox", topics=damaged
            )
            await remove(self._settings, damaged, "relay")
            seen.update({at: None for at in seen if at[0] in damaged})

    def _partitions(self) -> list[Partition]:
        return [(topic.name, n) for topic in self._topics.values() for n in range(topic.partitions)]

    def _beat(self) -> None:
        self._platform.health.beat("relay")
