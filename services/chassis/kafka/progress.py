"""How far a service has come: what it has sent and applied. Read by `khopso wait`, which never asks the broker."""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel
from sqlalchemy import func, text
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, DeadLetter, Outbox, PositionRow, RelayLog

Offsets = dict[str, dict[int, int]]
Retired = Callable[[AsyncSession], Awaitable[Sequence[str]]]
"""Names the consumers whose positions say nothing any more, since others took their place."""


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
    # Taken at two instants, the numbers could say that all is applied when it is not.
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
    # The consumer that is furthest behind decides: only when it is done has everybody applied a record.
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
