"""Subscriptions as they are stored, and their notifications in the same transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, update
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, OutboxEvent, append
from services.reporting.subscriptions.model import Follow, Values
from services.reporting.subscriptions.tables import FollowTable

_STORED = tuple(Follow.__slots__)


async def add(session: AsyncSession, follow: Follow) -> None:
    """Store a new subscription, of which no notification was sent yet."""
    session.add(FollowTable(**{**asdict(follow), "sequence": 0}))
    await session.flush()


async def listed(session: AsyncSession, unit: str | None = None) -> list[Follow]:
    """Return the subscriptions that have not ended: of a unit, or all, oldest first."""
    asked = select(FollowTable).where(col(FollowTable.ended_at).is_(None)).order_by(col(FollowTable.id))
    if unit is not None:
        asked = asked.where(FollowTable.unit == unit)
    found = (await session.exec(asked)).all()
    return [Follow(**{name: getattr(row, name) for name in _STORED}) for row in found]


async def end(session: AsyncSession, follow_id: UUID, unit: str, now: datetime) -> bool:
    """End a unit's subscription; False where it has none of that id."""
    done = await session.execute(
        _standing(follow_id)
        .where(col(FollowTable.unit) == unit)
        .values(ended_at=now)
        .returning(col(FollowTable.id))
    )
    return done.first() is not None


async def notify(
    session: AsyncSession, follow: Follow, values: Values, events: Sequence[OutboxEvent], now: datetime
) -> bool:
    """Store the notified values and their events together; False where another process was first or the subscription ended."""
    done = await session.execute(
        # The number of notifications is the lock: of two processes that saw the same change one finds its row.
        _standing(follow.id)
        .where(col(FollowTable.sequence) == follow.sequence)
        .values(told=values, told_at=now, sequence=follow.sequence + len(events))
        .returning(col(FollowTable.id))
    )
    if done.first() is None:
        return False
    await append(session, events)
    return True


def _standing(follow_id: UUID) -> Update:
    return update(FollowTable).where(col(FollowTable.id) == follow_id, col(FollowTable.ended_at).is_(None))
