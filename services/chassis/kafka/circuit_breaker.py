"""The circuit breaker of each consumer: too many dead letters in a row stop it until an operator resumes it.

A few dead letters mean bad messages. A long row of them means a bad deployment, which would empty the log into the dead
letters. The state is in the database, so that a restart does not resume a consumer by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from services.chassis.persistence import AsyncSession

_STATE = text("SELECT consecutive, stopped_at, reason FROM consumer_state WHERE consumer = :consumer")
_COUNT = text(
    "INSERT INTO consumer_state (consumer, consecutive) VALUES (:consumer, :consecutive)"
    " ON CONFLICT (consumer) DO UPDATE SET consecutive = excluded.consecutive"
)
_TRIP = text(
    "INSERT INTO consumer_state (consumer, consecutive, stopped_at, reason)"
    " VALUES (:consumer, :consecutive, :now, :reason) ON CONFLICT (consumer) DO UPDATE"
    " SET consecutive = excluded.consecutive, stopped_at = excluded.stopped_at, reason = excluded.reason"
)
_RESUME = text(
    "UPDATE consumer_state SET consecutive = 0, stopped_at = NULL, reason = NULL"
    " WHERE consumer = :consumer AND stopped_at IS NOT NULL"
)
_ALL = text("SELECT consumer, consecutive, stopped_at, reason FROM consumer_state ORDER BY consumer")


@dataclass(frozen=True, slots=True)
class State:
    """One consumer's circuit breaker.

    ``consecutive`` counts dead letters with nothing applied between them. ``stopped_at`` and ``reason`` (that of the last
    dead letter) are None while the consumer may run.
    """

    consecutive: int = 0
    stopped_at: datetime | None = None
    reason: str | None = None


async def load(session: AsyncSession, consumer: str) -> State:
    """Return the state of a consumer; one without any dead letter so far has the default."""
    row = (await session.execute(_STATE, {"consumer": consumer})).one_or_none()
    return State(*row) if row else State()


async def count(session: AsyncSession, consumer: str, consecutive: int) -> None:
    """Store how many dead letters in a row there are now."""
    await session.execute(_COUNT, {"consumer": consumer, "consecutive": consecutive})


async def trip(session: AsyncSession, consumer: str, consecutive: int, now: datetime, reason: str) -> None:
    """Stop a consumer: none of its processes applies anything until `resume`."""
    await session.execute(
        _TRIP, {"consumer": consumer, "consecutive": consecutive, "now": now, "reason": reason}
    )


async def resume(session: AsyncSession, consumer: str) -> bool:
    """Let a stopped consumer run again and return whether it was stopped."""
    done = await session.execute(_RESUME, {"consumer": consumer})
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def states(session: AsyncSession) -> list[dict[str, Any]]:
    """Return the state of every consumer that ever had a dead letter, as the HTTP interface shows it."""
    return [
        {"consumer": row[0], "consecutive_dead_letters": row[1], "stopped_at": row[2], "reason": row[3]}
        for row in await session.execute(_ALL)
    ]
