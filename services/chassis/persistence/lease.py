"""Leases: a process that is frozen, though not dead, loses its place to the one that waits for it.

A lease is an advisory lock of a session. A dead process frees it by itself; a frozen one (a paused container, a machine
out of memory) keeps its connection open and would keep the lock for ever. So the holder lets the server hear from it,
and who waits has the server end a session that has been silent for too long. What the frozen one wakes up with can no
longer be committed through that session.
"""

import asyncio
import time
from typing import Any, Self

import psycopg

from services.chassis.persistence.session import Database
from services.chassis.runtime import get_logger, lock_key

log = get_logger(__name__)
_BEATS = 4
_TAKE = "SELECT pg_try_advisory_lock(%s)"
# Waiting for the client: idle, idle in a transaction, or unable to hand it an answer. One that computes is no silent one.
_END_SILENT = (
    "SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()"
    " AND l.database = a.datid AND (l.classid::bigint << 32) | l.objid::bigint = %s"
    " AND a.wait_event_type = 'Client'"
    " AND clock_timestamp() - greatest(a.query_start, a.state_change) > make_interval(secs => %s)"
)


class Lease:
    """One place that one process has at a time, and the connection that it is tied to (in autocommit)."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], name: str, seconds: float) -> None:
        self.connection = connection
        self._name = name
        self._seconds = seconds
        self._heard = time.monotonic()
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    async def on(cls, database: Database, name: str, seconds: float, *, application: str) -> Self:
        """Return a lease that is not taken yet, on a connection of its own. Silent for ``seconds``, its holder loses it."""
        return cls(await database.connect(name=application), name, seconds)

    async def take(self) -> bool:
        """Return whether it is ours now. While another has it, its session is ended if it has gone silent: ask again."""
        key = lock_key(self._name)
        found = await (await self.connection.execute(_TAKE, (key,))).fetchone()
        self._heard = time.monotonic()
        if found is not None and found[0]:
            self._beating = asyncio.create_task(self._beat_on())
            return True
        for pid, ended in await (await self.connection.execute(_END_SILENT, (key, self._seconds))).fetchall():
            log.warning("ended the session of a silent holder", lease=self._name, backend=pid, ended=ended)
        return False

    async def assure(self) -> None:
        """Return when it is ours still; raises an outage of the database when it may be another's by now."""
        # Half of the time: the lease must not run out between this check and the work after it.
        if time.monotonic() - self._heard > self._seconds / 2:
            await self._beat()

    async def close(self) -> None:
        """Give it up."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        await self.connection.close()

    async def _beat_on(self) -> None:
        """Let the server hear from us while nothing else does; a lost connection is found by who uses it."""
        try:
            while True:
                await asyncio.sleep(self._seconds / _BEATS)
                await self._beat()
        except psycopg.Error:
            return

    async def _beat(self) -> None:
        # The time of the question counts, not of the answer: this process may have been frozen between the two.
        begun = time.monotonic()
        await self.connection.execute("SELECT 1")
        self._heard = begun
