"""Leases: a lock that a process loses when it hangs, so that a waiting process can take over its job.

A lease is an advisory lock of a database session. When its process ends, PostgreSQL frees it. A process that hangs (a
paused container, a machine without memory) keeps its connection open and would keep the lock for ever. So the holder
sends a query regularly, and a waiting process ends the holder's session when that was silent for too long. When the
holder continues later, it can commit nothing in that session.
"""

import asyncio
import time
from typing import Any, Self

import psycopg
from sqlalchemy import text

from services.chassis.persistence.session import AsyncSession, Database
from services.chassis.runtime import get_logger, lock_key

log = get_logger(__name__)
_BEATS = 4
_TAKE = "SELECT pg_try_advisory_lock(%s)"
# Silent is a session that waits for its client: idle, idle in a transaction, or with an answer that the client does not
# read. A session that runs a query is not silent.
_END_SILENT = (
    "SELECT a.pid, pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()"
    " AND l.database = a.datid AND (l.classid::bigint << 32) | l.objid::bigint = %s"
    " AND a.wait_event_type = 'Client'"
    " AND clock_timestamp() - greatest(a.query_start, a.state_change) > make_interval(secs => %s)"
)

# objsubid 1 says that the lock has one key of 64 bits; those with two keys of 32 bits have 2.
_HELD = (
    "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND d.datname = current_database()"
    " AND (l.classid::bigint << 32) | l.objid::bigint = :key)"
)


class Lease:
    """The right of one process to do a job, and the connection (in autocommit) that holds its lock."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], name: str, seconds: float) -> None:
        self.connection = connection
        self._name = name
        self._seconds = seconds
        self._heard = time.monotonic()
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    async def on(cls, database: Database, name: str, seconds: float, *, application: str) -> Self:
        """Return a lease that is not taken yet, on its own connection. A holder silent for ``seconds`` can lose it."""
        return cls(await database.connect(name=application), name, seconds)

    async def take(self) -> bool:
        """Return whether this process has the lease now.

        Where another process holds it and is silent for too long, its session is ended; then call this again.
        """
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
        """Return if this process still holds the lease; raise an outage of the database where another may hold it."""
        # Half of the time: the lease must not run out between this check and the work after it.
        if time.monotonic() - self._heard > self._seconds / 2:
            await self._beat()

    async def close(self) -> None:
        """Give up the lease and close its connection."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        await self.connection.close()

    async def _beat_on(self) -> None:
        """Send a query regularly, so that the session is not silent. A lost connection is noticed by the next user of it."""
        try:
            while True:
                await asyncio.sleep(self._seconds / _BEATS)
                await self._beat()
        except psycopg.Error:
            return

    async def _beat(self) -> None:
        # The instant before the query counts, since this process may have hung before it read the answer.
        begun = time.monotonic()
        await self.connection.execute("SELECT 1")
        self._heard = begun


async def is_held(session: AsyncSession, name: str) -> bool:
    """Return whether some process holds the lease of that name in this database."""
    return bool((await session.execute(text(_HELD), {"key": lock_key(name)})).scalar_one())
