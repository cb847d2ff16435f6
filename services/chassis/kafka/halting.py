"""The state of consumers: dead letters in a row, and consumers stopped by too many of them until someone resumes."""

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
_HALT = text(
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
    """``consecutive`` dead letters without anything applied between; since when and why it is stopped."""

    consecutive: int = 0
    stopped_at: datetime | None = None
    reason: str | None = None


async def load(session: AsyncSession, consumer: str) -> State:
    """The state of a consumer."""
    row = (await session.execute(_STATE, {"consumer": consumer})).one_or_none()
    return State(*row) if row else State()


async def count(session: AsyncSession, consumer: str, consecutive: int) -> None:
    """Remember how many dead letters in a row there are now."""
    await session.execute(_COUNT, {"consumer": consumer, "consecutive": consecutive})


async def halt(session: AsyncSession, consumer: str, consecutive: int, now: datetime, reason: str) -> None:
    """Stop a consumer: none of its processes applies anything until `resume`."""
    await session.execute(
        _HALT, {"consumer": consumer, "consecutive": consecutive, "now": now, "reason": reason}
    )


async def resume(session: AsyncSession, consumer: str) -> bool:
    """Let a stopped consumer run again; False when it was not stopped."""
    done = await session.execute(_RESUME, {"consumer": consumer})
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def states(session: AsyncSession) -> list[dict[str, Any]]:
    """Every consumer that ever had a dead letter."""
    return [
        {"consumer": row[0], "consecutive_dead_letters": row[1], "stopped_at": row[2], "reason": row[3]}
        for row in await session.execute(_ALL)
    ]
