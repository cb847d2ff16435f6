"""The progress of a service: the offsets up to which it has sent and applied. `khopso wait` reads it, not the broker.

Offsets count events by topic, so they tell when somebody handed in what. Whoever does not run the system learns up to which
instant everything was sent and applied, and nothing else.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import func, text
from sqlmodel import col, select

from services.chassis.kafka import standing
from services.chassis.persistence import (
    AsyncSession,
    ConsumerState,
    DeadLetter,
    Outbox,
    PositionRow,
    RelayLog,
)

Offsets = dict[str, dict[int, int]]
Retired = Callable[[AsyncSession], Awaitable[Sequence[str]]]
"""Returns the names of former consumers, which others have replaced; their positions are left out."""
_ASK_EVERY = timedelta(seconds=1)


class OutboxProgress(BaseModel):
    """``sent``: last offset by topic and partition; ``incarnations``: the log epochs that these offsets belong to.

    ``newest``: position of the newest event in the outbox, 0 where it is empty; ``oldest_unsent``: of the oldest one that
    waits to be sent. Whoever waits for what was accepted until now waits until the second is greater than the first was.
    """

    unsent: int
    newest: int
    oldest_unsent: int | None
    sent: Offsets
    incarnations: dict[str, dict[int, str]]


class Progress(BaseModel):
    """``applied``: next offset to apply by topic and partition, with its log epoch beside it."""

    service: str
    outbox: OutboxProgress
    applied: Offsets
    applied_incarnations: dict[str, dict[int, str]]
    dead_letters: int


class Currency(BaseModel):
    """How current a service is: up to which instant everything was sent, and everything on its logs was applied.

    ``at`` is now by the clock of its database. Whoever waits for what was accepted until now waits until the others are no
    earlier than ``at`` was. ``applied_until`` is null while something is behind, or while no process has answered yet.
    It is at most some seconds old where processes work, and stays where it was when they do not.
    """

    service: str
    at: datetime
    sent_until: datetime
    applied_until: datetime | None


async def read_currency(session: AsyncSession, service: str, retired: Retired | None = None) -> Currency:
    """Return how current the service is, and ask its consumers where their logs end, for the next look."""
    now: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    unsent = await session.scalar(select(func.min(Outbox.created_at)).where(col(Outbox.sent_at).is_(None)))
    states = {state.consumer: state.asked_at for state in await session.exec(select(ConsumerState))}
    gone = [] if retired is None else list(await retired(session))
    kept = select(PositionRow).where(col(PositionRow.consumer).not_in(gone))
    positions: dict[str, list[PositionRow]] = defaultdict(list)
    for position in await session.exec(kept.order_by(col(PositionRow.consumer))):
        positions[position.consumer].append(position)
    instants = []
    for consumer, its in positions.items():
        asked_at = states.get(consumer)
        reached = None if asked_at is None else _reached(its)
        instants.append(reached)
        # The next question only after this one's end was reached: under steady hand-in the end moves on for ever.
        if asked_at is None or (reached is not None and reached >= asked_at and asked_at < now - _ASK_EVERY):
            await standing.ask(session, consumer)
    known = [instant for instant in instants if instant is not None]
    applied = None if len(known) < len(instants) else min(known, default=now)
    return Currency(service=service, at=now, sent_until=unsent or now, applied_until=applied)


def _reached(positions: Sequence[PositionRow]) -> datetime | None:
    """Return the instant at which a consumer's logs ended where it is now or before; None where that is not known.

    It stays known while the next question waits for its answer. Were it unknown then, several consumers, each asked anew
    as soon as it has answered, might never be known at one look.
    """
    seen = [position.seen_at for position in positions if position.seen_at is not None]
    behind = any(position.next_offset < (position.log_end or 0) for position in positions)
    return min(seen) if len(seen) == len(positions) and not behind else None


async def read_progress(session: AsyncSession, service: str, retired: Retired | None = None) -> Progress:
    """Return the progress as of one instant of the database."""
    # Read at two instants, the numbers could say that everything is applied although it is not.
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    unsent, oldest_unsent = (
        await session.exec(select(func.count(), func.min(Outbox.id)).where(col(Outbox.sent_at).is_(None)))
    ).one()
    newest = await session.scalar(select(func.max(Outbox.id)))
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
        outbox=OutboxProgress(
            unsent=unsent,
            newest=newest or 0,
            oldest_unsent=oldest_unsent,
            sent=sent,
            incarnations=epochs,
        ),
        applied=positions,
        applied_incarnations=applied_epochs,
        dead_letters=waiting or 0,
    )
