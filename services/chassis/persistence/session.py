"""Database sessions. `UnitOfWork` is the only place in the system that commits."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from services.chassis.runtime import StoringSettings

__all__ = ["AsyncSession", "Database", "UnitOfWork", "raw"]

# Classes of errors after which the same transaction may succeed later: the server is not reachable, overloaded or full.
_PASSING_CLASSES = ("08", "40", "53", "55", "57", "58")
_PASSING_STATES = ("25P03",)  # the server ended a session that kept its transaction waiting
_OUT_OF_ROOM = ("531", "532")  # disk full, out of memory
_OUT_OF_ROOM_SECONDS = 15.0
# A process that hangs inside a transaction keeps its locks. After this time (ms) the server ends its session, so that
# another process can continue. A batch never computes nearly so long between two statements.
_IDLE_IN_TRANSACTION_MS = 20_000


class Database:
    """One service's database, made once per process: an engine with a pool, and a small one for probes of health."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        connect_timeout_seconds: float = 10,
        statement_timeout_seconds: float = 120,
        name: str = "khopso",
    ) -> None:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        self._dsn = _libpq(parsed)
        # Without keepalives, a connection to a machine that is gone would wait for an answer without end.
        self._connect_args: dict[str, Any] = {
            "connect_timeout": max(1, round(connect_timeout_seconds)),
            "application_name": name,
            "options": f"-c statement_timeout={round(statement_timeout_seconds * 1000)}"
            f" -c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS} -c timezone=UTC",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        }
        self.engine = self._engine(parsed, pool_size, pool_size)
        # A pool of its own: probes of health must get a connection also while a busy service uses all others.
        self.probes = self._engine(parsed, 1, 1)

    def _engine(self, url: URL, pool_size: int, max_overflow: int) -> AsyncEngine:
        return create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            hide_parameters=True,  # parameters are personal data; errors must not carry them
            pool_pre_ping=True,  # a restarted server costs one reconnect, not one failed request
            connect_args=self._connect_args,
        )

    @classmethod
    def of(cls, settings: StoringSettings) -> "Database":
        """Return the database that the settings name."""
        return cls(
            settings.database_url.get_secret_value(),
            pool_size=settings.database_pool_size,
            connect_timeout_seconds=settings.database_connect_timeout_seconds,
            statement_timeout_seconds=settings.database_statement_timeout_seconds,
            name=f"khopso-{settings.service}",
        )

    async def connect(self, *, name: str | None = None) -> psycopg.AsyncConnection[Any]:
        """Return a connection of its own outside the pool, in autocommit: for advisory locks and LISTEN."""
        arguments = self._connect_args | ({"application_name": name} if name else {})
        return await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, **arguments)

    @property
    def url(self) -> URL:
        """Return the address as SQLAlchemy has it (its `repr` hides the password)."""
        return self.engine.url

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()
        await self.probes.dispose()


class UnitOfWork:
    """Opens transactions: ``async with uow() as session: …`` commits once at the end or rolls everything back."""

    def __init__(
        self,
        database: Database,
        monotonic: Callable[[], float] = time.monotonic,
        engine: AsyncEngine | None = None,
    ) -> None:
        self.database = database
        self._engine = engine or database.engine
        self._now = monotonic
        self._out_of_room_at = float("-inf")

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[AsyncSession]:
        """Open a session in its own transaction: committed at the end of the block, rolled back after an exception."""
        try:
            # Objects stay readable after the commit; otherwise reading one would begin a new transaction.
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                yield session
                await session.commit()
        except Exception as error:
            found = database_error(error)
            if found is not None and (found.sqlstate or "").startswith(_OUT_OF_ROOM):
                self._out_of_room_at = self._now()
            raise

    def has_room(self) -> bool:
        """Return False for some seconds after the server refused a transaction because disk or memory was full.

        A server with a full disk still answers queries, so a probe query would not show it.
        """
        return self._now() - self._out_of_room_at > _OUT_OF_ROOM_SECONDS


async def raw(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """Return the psycopg connection under a session, inside the same transaction: for COPY and set statements."""
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError(f"expected a psycopg connection, got {type(driver).__name__}")
    return driver


def database_error(error: BaseException) -> psycopg.Error | None:
    """Return the PostgreSQL error at the bottom of an exception (SQLAlchemy wraps them), None for any other."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, psycopg.Error):
            return seen
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


def is_exhausted(error: BaseException) -> bool:
    """Return True when no connection of the pool became free in time: the service is busy, its database is not away."""
    return isinstance(error, PoolTimeoutError)


def is_outage(error: BaseException) -> bool:
    """Return whether an error may pass: connection lost, server stopping, deadlock, lock or time limit, disk full."""
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    found = database_error(error)
    if found is None:
        return is_exhausted(error)
    # An error without a code did not come from the server: the connection broke on the way.
    if found.sqlstate is None:
        return isinstance(found, (psycopg.OperationalError, psycopg.InterfaceError))
    return found.sqlstate[:2] in _PASSING_CLASSES or found.sqlstate in _PASSING_STATES


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
