"""Consumers: batches from the log, applied in one transaction together with their positions."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener

from services.chassis.kafka import clients, positions
from services.chassis.kafka.applying import Applier, CircuitOpenError
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.delivery import Delivered, Handler
from services.chassis.kafka.lag import Lag
from services.chassis.kafka.log_epochs import AGED, LogUnreachableError, LogWatch, changed
from services.chassis.kafka.offset_filter import OffsetFilter
from services.chassis.kafka.positions import Partition, Position
from services.chassis.persistence import AsyncSession, Lease, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, pause

log = get_logger(__name__)
_REMIND_SECONDS = 30.0


class BatchConsumer:
    """Applies topics through a handler. FastStream's batch subscriber is the shell; the delivery rules are here.

    Positions live in the database: on start, on assignment and after any doubt the log is read from there. A batch
    commits with its positions or not at all. `run` rides out outages of broker and database without skipping
    anything; too many dead letters in a row stop the consumer until an operator resumes it.
    """

    def __init__(
        self,
        platform: Platform,
        name: str,
        topics: Iterable[TopicLike],
        handler: Handler,
        *,
        known_types: Iterable[str] | None = None,
        max_records: int | None = None,
    ) -> None:
        self.name = name
        self.topics: dict[str, TopicLike] = {topic.name: topic for topic in topics}
        self.known_types = None if known_types is None else frozenset(known_types)
        self._platform = platform
        self._settings = platform.settings
        self._handler = handler
        self._max_records = max_records or platform.settings.consume_batch_records
        self._watch = LogWatch(platform.settings, name)
        self._applier = Applier(platform, name, handler)
        self._busy = asyncio.Lock()
        self._filter = OffsetFilter(name, self.known_types)
        self._truncated: set[Partition] = set()
        self._subscriber: Any = None
        self._fed = False
        self._silent = False
        self._lag = Lag(platform.metrics, name)
        self._running = False
        self._taken_up = False

    @property
    def running(self) -> bool:
        """Whether it applies records now: not stopped, not waiting for a broker or a lock."""
        return self._running

    @property
    def ready(self) -> bool:
        """Whether it has taken up its work since it was started and has not been stopped by dead letters.

        A broker that is away for a while does not change it: requests are accepted meanwhile all the same.
        """
        return self._taken_up and not self.tripped

    @property
    def tripped(self) -> bool:
        """Whether the circuit breaker has stopped it: too many dead letters in a row."""
        return self._applier.tripped

    async def apply_one(self, session: AsyncSession, delivered: Delivered) -> None:
        """Apply one message outside the stream (a dead letter that is retried), in the caller's transaction."""
        await self._handler(session, [delivered])

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`. Raises only what is a fault of this program."""
        seconds = 0.1
        while not stop.is_set():
            self._beat()
            started = time.monotonic()
            try:
                await self._period(stop)
            except (LogUnreachableError, CircuitOpenError, OSError, TimeoutError) as error:
                log.warning("consumer interrupted, trying again", consumer=self.name, **describe(error))
            except Exception as error:
                if not is_outage(error) and not clients.is_passing(error):
                    log.error("consumer cannot go on", consumer=self.name, **describe(error))
                    raise
                log.warning("consumer interrupted, trying again", consumer=self.name, **describe(error))
            finally:
                self._set_running(False)
            seconds = 0.1 if time.monotonic() - started > 10 else min(seconds * 2, 5.0)
            await pause(stop, seconds)
        await self._watch.close()
        self._platform.health.retire(self.name)
        self._platform.metrics.consumer_running.remove(self.name)  # not stopped, but over: nobody need look

    async def _period(self, stop: asyncio.Event) -> None:
        """From taking up the work to the next reason to begin anew: lost log, new topic, broker back, circuit breaker."""
        lease = await self._alone(stop)
        try:
            if stop.is_set() or not await self._allowed(stop):
                return
            assigned = await self._awaited_logs(stop)
            if not assigned:
                return
            await self._applier.load()
            await self._consume(assigned, stop)
        finally:
            if lease is not None:
                await lease.close()

    async def _alone(self, stop: asyncio.Event) -> Lease | None:
        """On the embedded broker there are no groups: a lease keeps the consumer single, a second one waits."""
        if not clients.is_embedded(self._settings):
            return None
        lease = await Lease.on(
            self._platform.database,
            f"consumer:{self.name}",
            self._settings.lease_seconds,
            application=f"khopso-{self.name}",
        )
        try:
            while not stop.is_set():
                self._beat()
                if await lease.take():
                    break
                await pause(stop, 1.0)
        except BaseException:
            await lease.close()
            raise
        return lease

    async def _allowed(self, stop: asyncio.Event) -> bool:
        """Wait while the circuit breaker stops the consumer; False when the process is asked to end meanwhile."""
        remind = 0.0
        while not stop.is_set():
            self._beat()
            reason = await self._applier.tripped_because()
            if reason is None:
                return True
            if time.monotonic() >= remind:
                log.error(
                    "CONSUMER STOPPED: too many dead letters in a row; resume it after the cause is mended",
                    consumer=self.name,
                    reason=reason,
                )
                remind = time.monotonic() + _REMIND_SECONDS
            await pause(stop, 1.0)
        return False

    async def _awaited_logs(self, stop: asyncio.Event) -> dict[Partition, str]:
        """The partitions that exist, positions brought in line with their log epochs."""
        said = False
        while not stop.is_set():
            self._beat()
            seen = {
                at: found for at, found in (await self._watch.read(self._all())).items() if found is not None
            }
            if seen:
                await self._align(seen)
                return seen
            if not said:
                log.info("consumer waits for its topics", consumer=self.name, topics=sorted(self.topics))
                said = True
            await pause(stop, 0.25)
        return {}

    async def _align(self, seen: dict[Partition, str]) -> None:
        """Start unknown partitions; send those whose log is another one back to its beginning, loudly."""
        async with self._platform.uow() as session:
            known = await positions.load(session, self.name)
            for at, epoch in sorted(seen.items()):
                if at not in known:
                    await positions.start(session, self.name, at, epoch)
                elif at in self._truncated or changed(known[at].epoch, epoch):
                    restarted = await positions.restart(session, self.name, at, known[at].epoch, epoch)
                    if restarted:
                        self._lost(at, known[at])
        self._truncated.clear()

    def _lost(self, at: Partition, was: Position) -> None:
        self._platform.metrics.log_lost.labels("consumer", at[0]).inc()
        log.error(
            "LOG LOST: the broker has another log of this partition; applying it from its beginning",
            consumer=self.name,
            topic=at[0],
            partition=at[1],
            had_applied_up_to=was.next_offset,
        )

    async def _consume(self, assigned: dict[Partition, str], stop: asyncio.Event) -> None:
        embedded = clients.is_embedded(self._settings)
        broker, self._subscriber = clients.shell(
            self._settings, self.name, list(assigned), self._on_batch, _Rebalanced(self), self._max_records
        )
        self._filter.forget()
        self._silent = False
        self._applier.own(list(assigned) if embedded else [])
        try:
            await broker.start()
            if embedded:
                self._seek(assigned)
            self._set_running(True)
            await self._guard(assigned, stop)
        finally:
            self._set_running(False)
            self._applier.draining = True
            await clients.stop_shell(broker, self._settings.drain_seconds)
            self._applier.draining = False
            self._subscriber = None
            self._lag.forget()

    async def _guard(self, assigned: dict[Partition, str], stop: asyncio.Event) -> None:
        """Look after the logs while batches run; returns when the work must begin anew."""
        reachable = True
        while not stop.is_set() and not self._applier.tripped:
            self._beat()
            await pause(stop, self._settings.log_check_seconds, also=self._applier.attention)
            if self._applier.failure is not None:
                raise self._applier.failure
            if self._truncated or self._applier.tripped:
                return
            if self._subscriber is not None and self._subscriber.consumer is not None:
                self._lag.show(self._subscriber.consumer, self._applier.cursor)
            self._pace(silent=not self._fed)
            self._fed = False
            try:
                seen = await self._watch.read(self._all())
            except LogUnreachableError:
                reachable = False
                self._set_running(False)
                continue
            if not reachable:
                return  # a client that has seen its broker go is not trusted to have recovered
            if any(now is not None and changed(assigned.get(at, AGED), now) for at, now in seen.items()):
                return
            if any(now is not None and at not in assigned for at, now in seen.items()):
                return

    async def _on_batch(self, records: clients.Records) -> None:
        self._fed = True
        self._pace(silent=False)
        try:
            await self._take(records)
        except Exception as error:  # noqa: BLE001 - FastStream would log it and go on to the next batch
            self._applier.fail(error)

    async def _take(self, records: clients.Records) -> None:
        async with self._busy:
            if self._applier.draining or self._applier.tripped:
                return
            found = self._filter.apply(records, self._applier.cursor)
            if found.truncated:
                self._truncated |= found.truncated
                self._applier.attention.set()
            self._seek(found.seek)
            if found.items and await self._applier.apply(found.items):
                self._seek(self._applier.cursor)

    def _seek(self, partitions: Iterable[Partition]) -> None:
        client = self._subscriber.consumer if self._subscriber is not None else None
        if client is None:
            return
        assignment = client.assignment()
        for at in partitions:
            position = self._applier.cursor.get(at)
            if position is not None and KafkaPartition(*at) in assignment:
                client.seek(KafkaPartition(*at), position.next_offset)

    async def revoked(self, partitions: Iterable[Partition]) -> None:
        """The group takes partitions away: let the batch in flight finish, then forget them."""
        self._applier.draining = True
        try:
            async with asyncio.timeout(self._settings.drain_seconds), self._busy:
                self._applier.disown(partitions)
        except TimeoutError:
            # Its commit will be refused once the next owner has moved the position.
            log.warning("revoked while a batch was still running", consumer=self.name)
            self._applier.disown(partitions)
        finally:
            self._applier.draining = False

    async def assigned(self, partitions: Iterable[Partition]) -> None:
        """The group gives partitions: go on from the database's positions."""
        mine = list(partitions)
        self._applier.own(mine, more=True)
        await self._applier.reload_until_possible()
        self._seek(mine)

    def _pace(self, *, silent: bool) -> None:
        if silent != self._silent and self._subscriber is not None and self._subscriber.consumer is not None:
            self._silent = silent
            clients.pace(self._settings, self._subscriber, silent=silent)

    def _all(self) -> list[Partition]:
        return [(topic.name, n) for topic in self.topics.values() for n in range(topic.partitions)]

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._taken_up = self._taken_up or running
        self._platform.metrics.consumer_running.labels(self.name).set(int(running))

    def _beat(self) -> None:
        self._platform.health.beat(self.name)


class _Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]
    """Passes the group's decisions on; aiokafka waits for both before it goes on."""

    def __init__(self, consumer: BatchConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[KafkaPartition]) -> None:
        await self._consumer.revoked([(at.topic, at.partition) for at in revoked])

    async def on_partitions_assigned(self, assigned: Iterable[KafkaPartition]) -> None:
        await self._consumer.assigned([(at.topic, at.partition) for at in assigned])
