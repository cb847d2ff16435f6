"""The progress of a service: the offsets up to which it has sent and applied. `khopso wait` reads it, not the broker."""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel
from sqlalchemy import func, text
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, DeadLetter, Outbox, PositionRow, RelayLog

Offsets = dict[str, dict[int, int]]
Retired = Callable[[AsyncSession], Awaitable[Sequence[str]]]
"""Returns the names of former consumers, which others have replaced; their positions are left out."""


class OutboxProgress(BaseModel):
    """``sent``: last offset by topic and partition; ``incarnations``: the log epochs that these offsets belong to."""

    unsent: int
    sent: Offsets
    incarnations: dict[str, dict[int, str]]


class Progress(BaseModel):
    """``applied``: next offset to apply by topic and partition, with its log epoch beside it."""

    service: str
    outbox: OutboxProgress
    applied: Offsets
    applied_incarnations: dict[str, dict[int, str]]
    dead_letters: int


async def read_progress(session: AsyncSession, service: str, retired: Retired | None = None) -> Progress:
    """Return the progress as of one instant of the database."""
    # Read at two instants, the numbers could say that everything is applied although it is not.
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    unsent = await session.scalar(
        select(func.count()).select_from(Outbox).where(col(Outbox.sent_at).is_(None))
    )
    sent: Offsets = {}
    epochs: dict[str, dict[int, str]] = {}
    for log in await session.exec(select(RelayLog).order_by(col(RelayLog.topic), col(RelayLog.partition))):
        epochs.setdefault(log.topic, {})[log.partition] = log.incarnation
        if log.last_offset is not None:
            sent.setdefault(log.topic, {})[log.partition] = log.last_offset
    positions: Offsets = {}
    applied_epochs: dict[str, dict[int, str]] = {}
    # The least position of all consumers counts: only then have all of them applied a record.
    place = col(PositionRow.topic), col(PositionRow.partition)
    furthest_behind = (
        select(PositionRow)
        .where(col(PositionRow.consumer).not_in([] if retired is None else list(await retired(session))))
        .distinct(*place)
        .order_by(*place, col(PositionRow.next_offset))
    )
    for position in await session.exec(furthest_behind):
        positions.setdefault(position.topic, {})[position.partition] = position.next_offset
        applied_epochs.setdefault(position.topic, {})[position.partition] = position.incarnation
    waiting = await session.scalar(
        select(func.count()).select_from(DeadLetter).where(DeadLetter.status == "waiting")
    )
    return Progress(
        service=service,
        outbox=OutboxProgress(unsent=unsent or 0, sent=sent, incarnations=epochs),
        applied=positions,
        applied_incarnations=applied_epochs,
        dead_letters=waiting or 0,
    )
