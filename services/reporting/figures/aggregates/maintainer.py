"""The loop that keeps the live generation's cells current, and the filling at the end of a rebuild."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy import text

from services.chassis.persistence import database_error, is_outage, raw
from services.chassis.platform import Platform
from services.chassis.runtime import describe, get_logger, lock_key, pause
from services.reporting.facts import MAINTAINED, Connection, fits, generations, use_generation
from services.reporting.figures.aggregates import maintenance, places, statements

log = get_logger(__name__)
_LOOK_SECONDS = 0.25
_BEAT_SECONDS = 5.0
_MOST = 10_000
# Folding has priority: after each step the maintainer pauses for this many times the duration of the step.
_REST = 2.0
_WAITING = "SELECT count(*) FROM (SELECT FROM dirty LIMIT 1000000) d"


async def fill_cells(platform: Platform, generation: int, loop: str) -> None:
    """Fill the cells of a generation, unless a program with the same definitions has; ``loop`` names the heartbeat.

    Folding goes on meanwhile and marks the references that it touches. Readers count rows until the cells are filled.
    """
    # This takes a second, during which the event loop would be blocked.
    await asyncio.to_thread(places.parts)
    async with platform.uow() as session:
        connection = await raw(session)
        await use_generation(connection, generation)
        # A restart with the same definitions must not cost a filling.
        if await maintenance.filled_by(connection) == statements.fingerprint():
            return
        # A batch in flight has not seen the announcement and would not mark the references that it changes.
        await generations.freeze(connection, generation)
        await maintenance.announce(connection)
    begun = time.monotonic()
    # Filling is one long wait: without beats meanwhile the process would be taken for dead.
    async with _beating(platform, loop), platform.uow() as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection = await raw(session)
        if not await _only_one(connection, generation):
            return
        await use_generation(connection, generation)
        await maintenance.fill(connection)
    log.info("cells filled", generation=generation, seconds=round(time.monotonic() - begun, 1))


@asynccontextmanager
async def _beating(platform: Platform, loop: str) -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            platform.health.beat(loop)
            await asyncio.sleep(_BEAT_SECONDS)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()


async def _only_one(connection: Connection, generation: int) -> bool:
    """Lock these cells for this process until the transaction ends; return False where another process has them."""
    key = lock_key(f"reporting cells {generation}")
    found = await (await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])).fetchone()
    return found is not None and bool(found[0])


class AggregateMaintainer:
    """Maintains the cells of the live generation, in the role ``consume``. Of several processes one works at a time.

    Every commit leaves the cells exact. In a generation whose shape this program cannot write it waits for the rebuild.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._filled: set[int] = set()
        self._fitting: set[int] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep cells current until `stop`. Outages are waited out; errors of the program itself are raised."""
        try:
            while not stop.is_set():
                self._platform.health.beat("cells")
                took = 0.0
                try:
                    took = await self._look()
                except Exception as error:
                    # A rebuild may drop the tables between two steps; the next look finds the new generation.
                    if not is_outage(error) and not _generation_gone(error):
                        raise
                    log.info("cells interrupted, trying again", **describe(error))
                await pause(stop, max(_LOOK_SECONDS, _REST * took))
        finally:
            self._platform.health.retire("cells")

    async def _look(self) -> float:
        """Fill the live generation's cells, or maintain them once; return how many seconds the maintenance took."""
        async with self._platform.uow() as session:
            connection = await raw(session)
            live = await generations.live(connection)
            if live not in self._fitting:
                if not await fits(connection, live, MAINTAINED):
                    self._platform.metrics.cells_ready.set(0)
                    return 0.0
                self._fitting.add(live)
            await use_generation(connection, live)
            by = await maintenance.filled_by(connection)
            found = await (await connection.execute(_WAITING.encode())).fetchone()
        ready = by == statements.fingerprint()
        self._platform.metrics.cells_ready.set(ready)
        waiting = 0 if found is None else int(found[0])
        self._platform.metrics.cells_waiting.set(waiting)
        if not ready:
            # Only once per generation: two programs of different definitions side by side would refill in turn for ever.
            if by in (None, "") or live not in self._filled:
                self._filled.add(live)
                await fill_cells(self._platform, live, "cells")
            return 0.0
        if not waiting:
            self._platform.metrics.cells_lag.set(0.0)
            return 0.0
        begun = time.monotonic()
        async with self._platform.uow() as session:
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection = await raw(session)
            if not await _only_one(connection, live):
                return 0.0
            await use_generation(connection, live)
            worked = await maintenance.keep(connection, _MOST)
        self._platform.metrics.cells_lag.set(worked.age_seconds)
        self._platform.metrics.cells_waiting.set(max(0, waiting - worked.taken))
        return time.monotonic() - begun if worked.taken else 0.0


def _generation_gone(error: Exception) -> bool:
    """Return whether the tables are missing because a rebuild has just put another generation in their place."""
    return isinstance(database_error(error), psycopg.errors.UndefinedTable)
