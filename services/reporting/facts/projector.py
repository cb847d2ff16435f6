"""The projector: keeps the live generation current and builds a new one beside it when asked.

A rebuild is a second consumer that folds the whole log into fresh tables. When it has come as far as the live one,
the live one stops, the rest is caught up, and the new generation becomes the live one in one transaction; its
consumer simply goes on. Until then readers see the old generation, after it the new one, never half of either.

A live generation of another shape is rebuilt without being asked. One that this program cannot fold into stands still
meanwhile: it answers what it knows, and the new one takes over as soon as it has everything that the old one has.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import text

from contracts.topics import TOPICS as ALL_TOPICS
from services.chassis.kafka import Consumer
from services.chassis.persistence import AsyncSession, is_outage, raw
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, lock_key, pause
from services.reporting.facts import generations, letters
from services.reporting.facts.consumers import KNOWN_TYPES, TOPICS, consumer_name, projection
from services.reporting.facts.late_arrivals import note_read_anew
from services.reporting.facts.shape import FOLDED, fits

log = get_logger(__name__)
_LOOK_SECONDS = 0.25
_HOLD_SECONDS = 20.0  # below the statement time limit of the batches that wait meanwhile
# A batch makes a hundred thousand objects that all go at its end. With the collector's own thresholds it would look
# through them dozens of times, which costs a third of the throughput.
_COLLECTOR_THRESHOLDS = (200_000, 50, 1_000)
_BEHIND = text(
    "SELECT count(*) FROM position old LEFT JOIN position new ON new.consumer = :new"
    " AND new.topic = old.topic AND new.partition = old.partition"
    " WHERE old.consumer = :old AND (new.next_offset IS NULL OR new.incarnation <> old.incarnation"
    " OR new.next_offset < old.next_offset)"
)
_OTHERS = text(
    "SELECT DISTINCT consumer FROM position WHERE consumer LIKE 'reporting-g%' AND consumer <> :live"
)


def consumer_of(platform: Platform, generation: int) -> Consumer:
    """Return the consumer that keeps a generation current."""
    return Consumer(
        platform,
        consumer_name(generation),
        [ALL_TOPICS[name] for name in TOPICS],
        projection(generation, platform.tracing),
        known_types=KNOWN_TYPES,
    )


async def other_generations(session: AsyncSession) -> list[str]:
    """Return the consumers of generations that nobody reads: a former one stands still, perhaps in a log that is no more."""
    live = await generations.live(await raw(session))
    return list(await session.scalars(_OTHERS, {"live": consumer_name(live)}))


AfterBuild = Callable[[Platform, int, str], Awaitable[None]]
"""Called with the platform, the new generation and the name of the loop that goes on beating meanwhile."""


@dataclass(slots=True)
class _Running:
    """A consumer at work."""

    generation: int
    consumer: Consumer
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def end(self) -> None:
        """Stop it after the batch that it is at."""
        self.stop.set()
        await self.task


class Projector:
    """Runs in the role ``consume``. Of several processes one builds; all of them follow the switch.

    ``after_build`` prepares what readers of a new generation need before it becomes the live one.
    """

    def __init__(self, platform: Platform, after_build: AfterBuild) -> None:
        self._platform = platform
        self._after_build = after_build
        self._live: _Running | None = None
        self._still: int | None = None  # the live generation, where it cannot be folded into
        self._next: _Running | None = None
        self._builder: psycopg.AsyncConnection[Any] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Project until `stop`. Raises only what is a fault of this program."""
        gc.set_threshold(*_COLLECTOR_THRESHOLDS)
        self._platform.health.ready_when("projection", self._projecting)
        try:
            while not stop.is_set():
                self._platform.health.beat("projector")
                try:
                    await self._look()
                except Exception as error:
                    if not is_outage(error):
                        raise
                    log.warning("projector interrupted, trying again", **describe(error))
                await pause(stop, _LOOK_SECONDS)
        finally:
            for part in (self._next, self._live):
                if part is not None:
                    await part.end()
            await self._stop_building()
            self._platform.health.retire("projector")

    async def _projecting(self) -> bool:
        return self._live is not None and self._live.consumer.running

    async def _look(self) -> None:
        """Do what is next: follow the live generation, begin a rebuild, or finish one."""
        async with self._platform.uow() as session:
            connection = await raw(session)
            live = await generations.live(connection)
            current = await generations.is_current(connection)
            # An upgrade must not need an operator: a new shape asks for its own rebuild.
            if not current:
                await generations.ask_for_shape(connection, self._platform.clock())
            wanted = await generations.requested(connection)
        self._platform.metrics.generation_outdated.set(not current)
        if self._still != live and (self._live is None or self._live.generation != live):
            await self._follow(live)
        elif self._live is not None and self._live.task.done():
            await self._live.task  # it ends by itself only through a fault, which is passed on here
        if self._next is not None and self._next.task.done():
            await self._give_up(self._next)
        elif self._next is None and wanted is not None:
            await self._begin(*wanted)
        elif self._next is not None and await self._has_all(self._next, live):
            await self._finish(live, self._next)

    async def _follow(self, live: int) -> None:
        """Run the live generation's consumer; this process or another one has made it live."""
        if self._live is not None:
            await self._live.end()
            self._live = None
        async with self._platform.uow() as session:
            fitting = await fits(await raw(session), live, FOLDED)
        if fitting:
            self._live = self._start(live)
        else:
            log.warning("the live generation is of another shape: nothing is folded into it", generation=live)
        self._still = None if fitting else live
        await self._clear_away()

    async def _begin(self, generation: int, begun: bool) -> None:
        """Fold into the new generation: from the beginning, or from where a process that died has come."""
        # A second builder would drop the tables that the first one is filling.
        if not await self._may_build():
            return
        if not begun:
            async with self._platform.uow() as session:
                await generations.begin(await raw(session), generation, self._platform.clock())
                # Positions of an earlier attempt would let the new tables begin in the middle of the log.
                await _forget(session, consumer_name(generation))
        log.info("rebuild begins", generation=generation, resumed=begun)
        self._next = self._start(generation)

    async def _finish(self, live: int, new: _Running) -> None:
        """Index the new tables, fill their cells, hold the live consumers up for a moment, catch up, switch, clear away."""
        async with self._platform.uow() as session:
            await generations.add_indexes(await raw(session), new.generation)
        await self._after_build(self._platform, new.generation, "projector")
        async with self._platform.uow() as session:
            connection = await raw(session)
            # Held up only now, when little is left to catch up: the live generation must not stand still for long.
            await generations.freeze(connection, live)
            if not await self._caught_up(new, live):
                return
            await note_read_anew(connection, live, new.generation)
            await generations.switch(connection, live, new.generation, self._platform.clock())
            # In the transaction of the switch: no dead letter may be left with a consumer that nobody runs any more.
            await letters.hand_over(
                session, consumer_name(live), consumer_name(new.generation), self._platform.clock()
            )
        old, self._live, self._next = self._live, new, None
        if old is not None:
            await old.end()
        log.info("rebuild done", generation=new.generation)
        await self._clear_away()
        await self._stop_building()

    async def _clear_away(self) -> None:
        """Remove former generations: the one just replaced, or one that a process left which died after its switch."""
        async with self._platform.uow() as session:
            connection = await raw(session)
            for number in await generations.former(connection):
                await generations.drop(connection, number)
                await _forget(session, consumer_name(number))

    async def _caught_up(self, new: _Running, live: int) -> bool:
        """Wait until the new generation has all that the held-up one has; False when that takes too long."""
        deadline = time.monotonic() + _HOLD_SECONDS
        while not await self._has_all(new, live):
            # Letting go lets the live generation fold on; the next look tries again.
            if new.task.done() or time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def _has_all(self, new: _Running, live: int) -> bool:
        """Whether the new generation is as far as the live one, and has everything that is in it.

        Of a live generation that stands still the positions say nothing: its log may be gone.
        """
        if self._still != live and await self._behind(new.generation, live):
            return False
        async with self._platform.uow() as session:
            # A dead letter never becomes a row: waiting for it would keep the switch back for ever.
            without = await letters.put_aside(session, consumer_name(new.generation))
            return not await generations.lacks(await raw(session), live, new.generation, without)

    async def _give_up(self, part: _Running) -> None:
        """A fault ended the rebuild: its tables go, its reason stays, the live generation goes on."""
        error = part.task.exception()
        named = type(error).__name__ if error is not None else "ended"
        log.error("rebuild failed", generation=part.generation, **(describe(error) if error else {}))
        self._next = None
        async with self._platform.uow() as session:
            await generations.fail(await raw(session), part.generation, self._platform.clock(), named)
            await _forget(session, consumer_name(part.generation))
        await self._stop_building()

    async def _behind(self, generation: int, live: int) -> int:
        """Partitions in which the new generation is not as far as the live one."""
        async with self._platform.uow() as session:
            names = {"old": consumer_name(live), "new": consumer_name(generation)}
            return int(await session.scalar(_BEHIND, names) or 0)

    async def _may_build(self) -> bool:
        """Take the lock of the one process that builds; False while another has it."""
        connection = await self._platform.database.connect(name="khopso-reporting-rebuild")
        key = lock_key("reporting rebuild")
        found = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [key])).fetchone()
        if found is not None and found[0]:
            self._builder = connection
            return True
        await connection.close()
        return False

    async def _stop_building(self) -> None:
        if self._builder is not None:
            await self._builder.close()
            self._builder = None

    def _start(self, generation: int) -> _Running:
        consumer, stop = consumer_of(self._platform, generation), asyncio.Event()
        task = asyncio.create_task(consumer.run(stop), name=consumer.name)
        return _Running(generation, consumer, stop, task)


async def _forget(session: AsyncSession, consumer: str) -> None:
    for table in ("position", "consumer_state"):
        await session.execute(text(f"DELETE FROM {table} WHERE consumer = :consumer"), {"consumer": consumer})
