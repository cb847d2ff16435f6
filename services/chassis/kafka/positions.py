"""Positions of consumers, stored in the same transaction as the effects of messages. They only move forward in a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from services.chassis.persistence import AsyncSession

Partition = tuple[str, int]
"""Topic and partition number."""


class StalePosition(Exception):  # noqa: N818 - a state of the position, not of the program
    """Another process has moved the position, so this process's transaction must be rolled back."""


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to apply in one epoch of a partition's log."""

    epoch: str
    next_offset: int


_LOAD = text("SELECT topic, partition, incarnation, next_offset FROM position WHERE consumer = :consumer")
_START = text(
    "INSERT INTO position (consumer, topic, partition, incarnation, next_offset)"
    " VALUES (:consumer, :topic, :partition, :incarnation, :next)"
    " ON CONFLICT DO NOTHING"
)
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
# The expected epoch is part of the condition, so that of two processes only one restarts the log.
_RESTART = text(
    "UPDATE position SET incarnation = :incarnation, next_offset = 0, moved_at = now(), log_end = NULL WHERE consumer = :consumer"
    " AND topic = :topic AND partition = :partition AND incarnation = :expected"
)
_RESET = text("UPDATE position SET next_offset = 0, moved_at = now() WHERE consumer = :consumer")


async def load(session: AsyncSession, consumer: str) -> dict[Partition, Position]:
    """Return every position of the consumer."""
    rows = await session.execute(_LOAD, {"consumer": consumer})
    return {(topic, partition): Position(epoch, offset) for topic, partition, epoch, offset in rows}


async def start(session: AsyncSession, consumer: str, at: Partition, epoch: str) -> None:
    """Store the position at the first record of a partition, unless the consumer has a position there already."""
    await session.execute(_START, _names(consumer, at) | {"incarnation": epoch, "next": 0})


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
    moved = await session.execute(
        _RESTART, _names(consumer, at) | {"expected": expected, "incarnation": epoch}
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


async def reset(session: AsyncSession, consumer: str) -> None:
    """Delete all positions of a consumer, so that it reads everything again.

    Its effects must be idempotent, or must have been deleted before.
    """
    await session.execute(_RESET, {"consumer": consumer})


def _names(consumer: str, at: Partition) -> dict[str, object]:
    return {"consumer": consumer, "topic": at[0], "partition": at[1]}
