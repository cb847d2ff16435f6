"""How far a service has come: what it has sent and applied. Read by `khopso wait`, which never asks the broker."""

from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel
from sqlalchemy import text

from services.chassis.persistence import AsyncSession

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
    unsent = await session.scalar(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))
    sent: Offsets = {}
    epochs: dict[str, dict[int, str]] = {}
    for topic, partition, epoch, last in await session.execute(
        text("SELECT topic, partition, incarnation, last_offset FROM relay_log ORDER BY topic, partition")
    ):
        epochs.setdefault(topic, {})[partition] = epoch
        if last is not None:
            sent.setdefault(topic, {})[partition] = last
    positions: Offsets = {}
    applied_epochs: dict[str, dict[int, str]] = {}
    # The consumer that is furthest behind decides: only when it is done has everybody applied a record.
    for topic, partition, epoch, next_offset in await session.execute(
        text(
            "SELECT DISTINCT ON (topic, partition) topic, partition, incarnation, next_offset"
            " FROM position WHERE NOT consumer = ANY(:retired) ORDER BY topic, partition, next_offset"
        ),
        {"retired": [] if retired is None else list(await retired(session))},
    ):
        positions.setdefault(topic, {})[partition] = next_offset
        applied_epochs.setdefault(topic, {})[partition] = epoch
    waiting = await session.scalar(text("SELECT count(*) FROM dead_letter WHERE status = 'waiting'"))
    return Progress(
        service=service,
        outbox=OutboxProgress(unsent=unsent or 0, sent=sent, incarnations=epochs),
        applied=positions,
        applied_incarnations=applied_epochs,
        dead_letters=waiting or 0,
    )
