"""Positions of consumers, stored in the same transaction as the effects of messages. They only move forward in a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Update, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, PositionRow

Partition = tuple[str, int]
"""Topic and partition number."""


class StalePosition(Exception):  # noqa: N818 - a state of the position, not of the program
    """Another process has moved the position, so this process's transaction must be rolled back."""


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to apply in one epoch of a partition's log."""

    epoch: str
    next_offset: int


# One statement for any number of partitions. Rows are locked in order, so that two writers cannot deadlock. A position
# that another process has moved no longer fulfils the condition; then fewer rows are updated than expected.
_MOVE = text(
    "UPDATE position AS p SET next_offset = w.next, moved_at = now() FROM ("
    "SELECT w.* FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:incarnations AS text[]),"
    " CAST(:expected AS bigint[]), CAST(:next AS bigint[])) AS w(topic, partition, incarnation, expected, next)"
    " JOIN position AS l ON l.consumer = :consumer AND l.topic = w.topic AND l.partition = w.partition"
    " ORDER BY w.topic, w.partition FOR UPDATE OF l) AS w"
    " WHERE p.consumer = :consumer AND p.topic = w.topic AND p.partition = w.partition"
    " AND p.incarnation = w.incarnation AND p.next_offset = w.expected AND w.next > w.expected"
)


async def load(session: AsyncSession, consumer: str) -> dict[Partition, Position]:
    """Return every position of the consumer."""
    kept = select(PositionRow.topic, PositionRow.partition, PositionRow.incarnation, PositionRow.next_offset)
    rows = await session.exec(kept.where(PositionRow.consumer == consumer))
    return {(topic, partition): Position(epoch, offset) for topic, partition, epoch, offset in rows}


async def start(session: AsyncSession, consumer: str, at: Partition, epoch: str) -> None:
    """Store the position at the first record of a partition, unless the consumer has a position there already."""
    topic, partition = at
    first = insert(PositionRow).values(
        consumer=consumer, topic=topic, partition=partition, incarnation=epoch, next_offset=0
    )
    await session.execute(first.on_conflict_do_nothing())


async def advance(
    session: AsyncSession, consumer: str, moves: Sequence[tuple[Partition, Position, int]]
) -> None:
    """Move each position from the expected one to the next offset; StalePosition when one is not as expected."""
    values = {
        "consumer": consumer,
        "topics": [at[0] for at, _, _ in moves],
        "partitions": [at[1] for at, _, _ in moves],
        "incarnations": [expected.epoch for _, expected, _ in moves],
        "expected": [expected.next_offset for _, expected, _ in moves],
        "next": [next_offset for _, _, next_offset in moves],
    }
    moved = await session.execute(_MOVE, values)
    if moved.rowcount != len(moves):  # type: ignore[attr-defined]
        raise StalePosition(f"{consumer}: {len(moves)} partitions")


async def restart(session: AsyncSession, consumer: str, at: Partition, expected: str, epoch: str) -> bool:
    """Set a position to the beginning of a new log epoch; return False when another process has done so already."""
    topic, partition = at
    # The expected epoch is part of the condition, so that of two processes only one restarts the log.
    expected_here = _from_the_start(consumer).where(
        col(PositionRow.topic) == topic,
        col(PositionRow.partition) == partition,
        col(PositionRow.incarnation) == expected,
    )
    moved = await session.execute(
        expected_here.values(incarnation=epoch, log_end=None).returning(col(PositionRow.consumer))
    )
    return moved.first() is not None


async def reset(session: AsyncSession, consumer: str) -> None:
    """Delete all positions of a consumer, so that it reads everything again.

    Its effects must be idempotent, or must have been deleted before.
    """
    await session.execute(_from_the_start(consumer))


def _from_the_start(consumer: str) -> Update:
    mine = update(PositionRow).where(col(PositionRow.consumer) == consumer)
    return mine.values(next_offset=0, moved_at=func.now())
