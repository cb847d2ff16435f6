"""Consumers: each runs a FastStream subscriber from positions in the database, and starts it again after faults."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from faststream.kafka import KafkaBroker

from services.chassis.kafka import clients, subscribing
from services.chassis.kafka.applying import Applier, CircuitOpenError, Refused
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.consumed_logs import ConsumedLogs, is_another
from services.chassis.kafka.delivery import Delivered
from services.chassis.kafka.lag import LagGauge, lags
from services.chassis.kafka.log_epochs import LogUnreachableError
from services.chassis.kafka.middleware import Apply, Records
from services.chassis.kafka.offset_filter import OffsetFilter
from services.chassis.kafka.pacing import Pacing
from services.chassis.kafka.positions import Partition
from services.chassis.kafka.standing import Reporter
from services.chassis.kafka.subscribing import Handler
from services.chassis.persistence import AsyncSession, Lease, is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, pause

log = get_logger(__name__)
_REMIND_SECONDS = 30.0


class Consumer:
    """Applies topics through a FastStream subscriber, ``handler``.

    Positions live in the database: on start, on assignment and after any doubt the log is read from there. Messages
    commit with their positions or not at all. `run` rides out outages of broker and database without skipping
    anything; too many dead letters in a row stop the consumer until an operator resumes it.

    ``known_types`` are the CloudEvents types that the handler understands (any by default); messages of others become
    dead letters. The handler takes batches of up to ``max_records`` messages (by default `consume_batch_records` of the
    settings), or with ``single`` one message at a time, each in a transaction of its own.

    ``outsiders`` says that others than our own services write to the topics: then dead letters never stop it.
    ``dispensable``: the service does its work without it, so it is ready before the topics exist, which another service makes.
    ``refused`` is called with each message that becomes a dead letter, in the transaction that keeps the letter.
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
        single: bool = False,
        outsiders: bool = False,
        dispensable: bool = False,
        refused: Refused | None = None,
    ) -> None:
        self.name = name
        self._dispensable = dispensable
        self.topics: dict[str, TopicLike] = {topic.name: topic for topic in topics}
        self.known_types = None if known_types is None else frozenset(known_types)
        self.handler = handler
        self._single = single
        self._max_records = None if single else max_records or platform.settings.consume_batch_records
        self._platform = platform
        self._settings = platform.settings
        self._logs = ConsumedLogs(platform, name, self.topics.values())
        self._applier = Applier(platform, name, outsiders=outsiders, refused=refused)
        self._busy = asyncio.Lock()
        self._filter = OffsetFilter(name, self.known_types)
        self._lag = LagGauge(platform.metrics, name)
        self._reporter = Reporter(platform.uow, name)
        self._subscriber: Any = None
        self._pacing: Pacing | None = None
        self._running = False
        self._taken_up = False

    @property
    def running(self) -> bool:
        """Return whether it applies records now: not stopped, not waiting for a broker or a lock."""
        return self._running

    @property
    def is_behind(self) -> bool:
        """Return whether records wait that it knows of."""
        return self._is_behind()

    @property
    def ready(self) -> bool:
        """Return whether it has begun to work since it was started, and its circuit breaker has not stopped it.

        It stays True while the broker cannot be reached, since the service accepts requests meanwhile. Of one that the
        service can do without only the circuit breaker counts.
        """
        return (self._taken_up or self._dispensable) and not self.tripped

    @property
    def tripped(self) -> bool:
        """Return whether the circuit breaker has stopped it: too many dead letters in a row."""
        return self._applier.tripped

    async def apply_one(self, session: AsyncSession, delivered: Delivered) -> None:
        """Apply one message outside the stream (a dead letter that is retried), in the caller's transaction."""
        await self.handler(delivered if self._single else [delivered], session)

    def subscribe(self, partitions: Iterable[Partition]) -> tuple[KafkaBroker, Any]:
        """Return a broker and, declared on it, the subscriber of these partitions, neither of them started."""
        broker = subscribing.broker_of(self._platform, self.name, self._deliver)
        return broker, subscribing.subscribe(
            broker,
            self._platform,
            self.name,
            list(partitions),
            self.handler,
            self,
            self._max_records,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set. Outages are waited out; only faults of this program are raised."""
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
            # Pauses grow only with faults soon after one another; a fault after a long run begins with a short pause.
            seconds = 0.1 if time.monotonic() - started > 10 else min(seconds * 2, 5.0)
            await pause(stop, seconds)
        await self._logs.close()
        self._platform.health.retire(self.name)
        self._platform.metrics.consumer_running.remove(self.name)  # ended as intended: no alert

    async def _period(self, stop: asyncio.Event) -> None:
        """Read the positions and consume until there is a reason to start again (see `_guard`)."""
        lease = await self._alone(stop)
        try:
            if stop.is_set() or not await self._allowed(stop):
                return
            assigned = await self._logs.awaited(stop, self._beat)
            if not assigned:
                return
            # Read only now: while it waited for the logs, positions may have been set to the beginning of a new log.
            await self._applier.load()
            await self._consume(assigned, stop)
        finally:
            if lease is not None:
                await lease.close()

    async def _alone(self, stop: asyncio.Event) -> Lease | None:
        """Take the lease that replaces a consumer group on the embedded broker; a second process waits for it."""
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
            # Also when the task is cancelled: an open connection would keep the lease from other processes.
            await lease.close()
            raise
        return lease

    async def _allowed(self, stop: asyncio.Event) -> bool:
        """Wait while the circuit breaker stops the consumer; return False when the process must end meanwhile."""
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

    async def _consume(self, assigned: dict[Partition, str], stop: asyncio.Event) -> None:
        """Run the subscriber over these partitions until there is a reason to start again."""
        embedded = clients.is_embedded(self._settings)
        # Set before the start, during which the group may already assign partitions.
        broker, self._subscriber = self.subscribe(assigned)
        self._filter.forget()
        self._applier.own(list(assigned) if embedded else [])
        keeping: asyncio.Task[None] | None = None
        try:
            await broker.start()
            if embedded:
                self._seek(assigned)
            self._pacing = Pacing(self._subscriber, pausing=embedded)
            keeping = asyncio.create_task(self._pacing.keep(self._is_behind))
            self._set_running(True)
            await self._guard(assigned, stop)
        finally:
            self._set_running(False)
            self._applier.draining = True
            if keeping is not None:
                keeping.cancel()
            await subscribing.stop(broker, self._settings.drain_seconds)
            self._applier.draining = False
            self._subscriber = self._pacing = None
            self._lag.show({})

    async def _guard(self, assigned: dict[Partition, str], stop: asyncio.Event) -> None:
        """Check the logs regularly while messages are applied; return when the subscriber must be started again.

        That is when the circuit breaker trips, a log is lost, a topic appears, or the broker is back after an outage.
        """
        reachable = True
        while not stop.is_set() and not self.tripped:
            self._beat()
            await pause(stop, self._settings.log_check_seconds, also=self._applier.attention)
            if self._applier.failure is not None:
                raise self._applier.failure
            if self._logs.truncated or self.tripped:
                return
            self._lag.show(self._lags())
            try:
                seen = await self._logs.read()
            except LogUnreachableError:
                reachable = False
                self._set_running(False)
                continue
            # After an outage of the broker a new client is made, since the old one may not have recovered.
            if not reachable or is_another(assigned, seen):
                return
            await self._reporter.report(self._applier.cursor, self._lags())

    async def _deliver(self, records: Records, apply: Apply) -> bool:
        """Apply the records that come next by the positions; return False when some must be fetched again."""
        self._heard()
        try:
            async with self._busy:
                return await self._take(records, apply)
        except Exception as error:  # noqa: BLE001 - FastStream would go on to the next batch; `_guard` raises it
            self._applier.fail(error)
            return False
        finally:
            self._heard()

    async def _take(self, records: Records, apply: Apply) -> bool:
        if self._applier.draining or self.tripped:
            return False
        found = self._filter.apply(records, self._applier.cursor)
        if found.truncated:
            self._logs.truncated |= found.truncated
            self._applier.attention.set()
        self._seek(found.seek)
        if found.items and not await self._applier.apply(found.items, apply):
            self._seek(self._applier.cursor)
            return False
        return not found.seek and not found.truncated

    def _seek(self, partitions: Iterable[Partition]) -> None:
        client = self._client
        if client is None:
            return
        assignment = client.assignment()
        for at in partitions:
            position = self._applier.cursor.get(at)
            if position is not None and KafkaPartition(*at) in assignment:
                client.seek(KafkaPartition(*at), position.next_offset)

    async def revoked(self, partitions: Iterable[Partition]) -> None:
        """Finish the batch that is being applied, then give up partitions that the group takes away."""
        self._applier.draining = True
        try:
            async with asyncio.timeout(self._settings.drain_seconds), self._busy:
                self._applier.disown(partitions)
        except TimeoutError:
            # The commit of that batch will fail once the next owner has moved the position.
            log.warning("revoked while a batch was still running", consumer=self.name)
            self._applier.disown(partitions)
        finally:
            self._applier.draining = False

    async def assigned(self, partitions: Iterable[Partition]) -> None:
        """Take partitions that the group assigns, and read them from the positions in the database."""
        mine = list(partitions)
        self._applier.own(mine, more=True)
        await self._applier.reload_until_possible()
        self._seek(mine)

    @property
    def _client(self) -> Any:
        """Return the consumer object of aiokafka; None while the subscriber has none."""
        return self._subscriber.consumer if self._subscriber is not None else None

    def _lags(self) -> dict[Partition, int]:
        return {} if self._client is None else lags(self._client, self._applier.cursor)

    def _is_behind(self) -> bool:
        return any(self._lags().values())

    def _heard(self) -> None:
        if self._pacing is not None:
            self._pacing.heard()

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._taken_up = self._taken_up or running
        self._platform.metrics.consumer_running.labels(self.name).set(int(running))

    def _beat(self) -> None:
        self._platform.health.beat(self.name)
