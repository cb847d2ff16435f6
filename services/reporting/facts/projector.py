"""The projector: keeps the live generation current, and builds a new one beside it when asked.

For a rebuild a second consumer folds the whole log into empty tables. When it has read nearly as much as the live one,
folding into the live one is paused, the new one reads the rest, and one transaction makes it the live one; its consumer
goes on. Before that transaction readers see the old generation, after it the new one, never a mixture.

Where the tables of the live generation have another shape than this program declares, a rebuild begins by itself. If
this program cannot even write those tables, the live generation stays as it is during the rebuild: questions are answered
from it, and the new one replaces it as soon as it has every record that the old one has.

What only the old one has, because a log was lost and no outbox holds it, is carried over (``carrying_over``) when the
new one has been at the end of the logs for a while: a rebuild serves no less than was there.
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
from services.reporting.facts.carrying_over import BATCH, carry_over
from services.reporting.facts.consumers import KNOWN_TYPES, TOPICS, consumer_name, projection
from services.reporting.facts.late_arrivals import note_read_anew, note_renamed
from services.reporting.facts.renewal import Oblivion
from services.reporting.facts.shape import FOLDED, fits
from services.reporting.settings import ReportingSettings

log = get_logger(__name__)
_LOOK_SECONDS = 0.25
_FRUITLESS = 40  # attempts in a row to carry over what still lacks afterwards
_HOLD_SECONDS = 20.0  # below the statement time limit of the batches that wait meanwhile
# A batch creates about a hundred thousand objects and releases all of them at its end. With Python's own thresholds the
# garbage collector would search them dozens of times meanwhile, which costs a third of the throughput.
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
    """Return the names of the consumers of all generations but the live one.

    Their positions must not count as a delay: a former generation reads no further, and its log may no longer exist.
    """
    live = await generations.live(await raw(session))
    return list(await session.scalars(_OTHERS, {"live": consumer_name(live)}))


AfterBuild = Callable[[Platform, int, str], Awaitable[None]]
"""Called with the platform, the new generation, and the name under which the loop must go on sending heartbeats."""


@dataclass(slots=True)
class _Running:
    """A consumer that folds into a generation, the task that runs it, and the event that stops it."""

    generation: int
    consumer: Consumer
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def end(self) -> None:
        """Stop the consumer after its present batch, and wait for it."""
        self.stop.set()
        await self.task


class Projector:
    """Runs in processes with the role ``consume``. One of them builds a new generation; all of them change over to it.

    ``after_build`` is called before a new generation becomes the live one, to compute its pre-aggregates.
    """

    def __init__(self, platform: Platform, after_build: AfterBuild) -> None:
        self._platform = platform
        self._after_build = after_build
        self._live: _Running | None = None
        self._still: int | None = None  # the live generation, where it cannot be folded into
        self._next: _Running | None = None
        self._at_end_since: float | None = None
        self._fruitless = 0
        self._oblivion = Oblivion()
        self._builder: psycopg.AsyncConnection[Any] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the live generation current until ``stop`` is set. Outages are waited out; faults of the program are raised."""
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

    @property
    def _patience_seconds(self) -> float:
        settings = self._platform.settings
        return settings.rebuild_patience_seconds if isinstance(settings, ReportingSettings) else 30.0

    async def _projecting(self) -> bool:
        return self._live is not None and self._live.consumer.running

    async def _look(self) -> None:
        """Take the next step: run the live generation's consumer, begin a rebuild, or finish one."""
        async with self._platform.uow() as session:
            connection = await raw(session)
            live = await generations.live(connection)
            current = await generations.is_current(connection)
            # An upgrade must not need an operator: a new shape asks for its own rebuild.
            if not current:
                await generations.ask_for_shape(session, self._platform.clock())
            wanted = await generations.requested(session)
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
        elif self._next is not None and self._has_waited(self._next):
            await self._carry_over(live, self._next)

    async def _follow(self, live: int) -> None:
        """Start the consumer of a generation that this process or another one has made the live one."""
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
        """Begin to fold into the new generation: from the start of the log, or from where a process that died stopped."""
        # A second builder would drop the tables that the first one is filling.
        if not await self._may_build():
            return
        if not begun:
            async with self._platform.uow() as session:
                await generations.begin(session, generation, self._platform.clock())
                # Positions of an earlier attempt would let the new tables begin in the middle of the log.
                await _forget(session, consumer_name(generation))
        self._at_end_since, self._fruitless = None, 0
        log.info("rebuild begins", generation=generation, resumed=begun)
        self._next = self._start(generation)

    async def _finish(self, live: int, new: _Running) -> None:
        """Finish a rebuild: index the new tables, fill their cells, pause the live one, read the rest of the log, switch."""
        async with self._platform.uow() as session:
            await generations.add_indexes(await raw(session), new.generation)
        await self._after_build(self._platform, new.generation, "projector")
        async with self._platform.uow() as session:
            connection = await raw(session)
            # Paused only now, when little of the log is left to read: readers must not wait long for new facts.
            await generations.freeze(connection, live)
            if not await self._caught_up(new, live):
                return
            if await generations.links_held(session):
                await note_renamed(connection, live, new.generation)
            await note_read_anew(connection, live, new.generation)
            await generations.switch(session, live, new.generation, self._platform.clock())
            # In the transaction of the switch, so that no dead letter stays with a consumer that no longer runs.
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
        """Delete the tables of former generations, also of one whose process died before it could delete them."""
        async with self._platform.uow() as session:
            for number in await generations.former(session):
                await generations.drop(await raw(session), number)
                await _forget(session, consumer_name(number))

    async def _caught_up(self, new: _Running, live: int) -> bool:
        """Wait until the new generation has everything that the paused live one has; return False after 20 seconds."""
        deadline = time.monotonic() + _HOLD_SECONDS
        while not await self._has_all(new, live):
            # The end of the transaction lets the live generation continue; the next step tries again.
            if new.task.done() or time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def _has_all(self, new: _Running, live: int) -> bool:
        """Return whether the new generation has read as much of the log as the live one, and has all of its records.

        Positions are not compared where this program cannot write the live generation: its log may no longer exist.
        """
        if self._still != live and await self._behind(new.generation, live):
            return False
        async with self._platform.uow() as session:
            # A dead letter never becomes a row, so waiting for its row would delay the switch for ever.
            without = await letters.put_aside(session, consumer_name(new.generation))
            return not await generations.lacks(await raw(session), live, new.generation, without)

    def _has_waited(self, new: _Running) -> bool:
        """Whether the new generation has been at the end of the logs for so long that no more is to be expected."""
        now = time.monotonic()
        if not new.consumer.running or new.consumer.is_behind:
            self._at_end_since = None
        elif self._at_end_since is None:
            self._at_end_since = now
        return self._at_end_since is not None and now - self._at_end_since > self._patience_seconds

    async def _carry_over(self, live: int, new: _Running) -> None:
        """Fold what only the live generation has into the new one: no log has it any more."""
        async with self._platform.uow() as session:
            connection = await raw(session)
            without = await letters.put_aside(session, consumer_name(new.generation))
            renewed = {"renewed": self._oblivion} if await generations.links_held(session) else {}
            events = await carry_over(connection, live, new.generation, without, **renewed)
            lacking = await generations.lacks(connection, live, new.generation, without)
        log.warning("carried over what no log has any more", generation=new.generation, events=events)
        # A fact may come between both statements, so that it counts only where it is the same again and again.
        self._fruitless = self._fruitless + 1 if lacking and events < BATCH else 0
        # What cannot be carried over either would be missing: the old generation stays, and a person must look.
        if self._fruitless >= _FRUITLESS:
            await new.end()
            await self._give_up(new, "events that no log has cannot be carried over")

    async def _give_up(self, part: _Running, reason: str = "ended") -> None:
        """End a rebuild that failed: delete its tables, store the reason, and leave the live generation as it is."""
        error = part.task.exception()
        named = type(error).__name__ if error is not None else reason
        log.error("rebuild failed", generation=part.generation, **(describe(error) if error else {}))
        self._next = None
        async with self._platform.uow() as session:
            await generations.fail(session, part.generation, self._platform.clock(), named)
            await _forget(session, consumer_name(part.generation))
        await self._stop_building()

    async def _behind(self, generation: int, live: int) -> int:
        """Return the number of partitions of which the new generation has read less than the live one."""
        async with self._platform.uow() as session:
            names = {"old": consumer_name(live), "new": consumer_name(generation)}
            return int(await session.scalar(_BEHIND, names) or 0)

    async def _may_build(self) -> bool:
        """Take the lock that allows one process at a time to build; return False while another process holds it."""
        # A connection of its own: the lock lasts as long as the building, and PostgreSQL frees it when this process
        # dies.
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
