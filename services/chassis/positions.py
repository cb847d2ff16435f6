"""Positions of consumers, kept in the same transaction as the effects; they move only forward within one log."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from services.chassis.db import AsyncSession

Partition = tuple[str, int]
"""Topic and partition number."""


class StalePosition(Exception):  # noqa: N818 - a state of the position, not of the program
    """Another process has moved the position: this one is fenced, nothing of its transaction may stay."""


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to apply in one incarnation of a partition's log."""

    incarnation: str
    next_offset: int


_LOAD = text("SELECT topic, partition, incarnation, next_offset FROM position WHERE consumer = :consumer")
_START = text(
    "INSERT INTO position (consumer, topic, partition, incarnation, next_offset)"
    " VALUES (:consumer, :topic, :partition, :incarnation, :next)"
    " ON CONFLICT DO NOTHING"
)
_MOVE = text(
    "UPDATE position SET next_offset = :next, moved_at = now() WHERE consumer = :consumer AND topic = :topic"
    " AND partition = :partition AND incarnation = :incarnation AND next_offset = :expected AND :next > :expected"
)
_RESTART = text(
    "UPDATE position SET incarnation = :incarnation, next_offset = 0, moved_at = now() WHERE consumer = :consumer"
    " AND topic = :topic AND partition = :partition AND incarnation = :expected"
)
_RESET = text("UPDATE position SET next_offset = 0, moved_at = now() WHERE consumer = :consumer")


async def load(session: AsyncSession, consumer: str) -> dict[Partition, Position]:
    """Every position of the consumer."""
    rows = await session.execute(_LOAD, {"consumer": consumer})
    return {
        (topic, partition): Position(incarnation, offset) for topic, partition, incarnation, offset in rows
    }


async def start(session: AsyncSession, consumer: str, at: Partition, incarnation: str) -> None:
    """Begin a partition at its first record, unless the consumer has a position there already."""
    await session.execute(_START, _names(consumer, at) | {"incarnation": incarnation, "next": 0})


async def advance(
    session: AsyncSession, consumer: str, moves: Iterable[tuple[Partition, Position, int]]
) -> None:
    """Move from each expected position to a next offset; StalePosition when one is no longer as expected.

    Partitions move in sorted order, so that two writers never wait for each other crosswise.
    """
    for at, expected, next_offset in sorted(moves, key=lambda move: move[0]):
        moved = await session.execute(
            _MOVE,
            _names(consumer, at)
            | {"incarnation": expected.incarnation, "expected": expected.next_offset, "next": next_offset},
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise StalePosition(f"{consumer} {at[0]}/{at[1]}")


async def restart(
    session: AsyncSession, consumer: str, at: Partition, expected: str, incarnation: str
) -> bool:
    """Begin a partition again in a new incarnation of its log; False when another process has done so already."""
    moved = await session.execute(
        _RESTART, _names(consumer, at) | {"expected": expected, "incarnation": incarnation}
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


async def reset(session: AsyncSession, consumer: str) -> None:
    """Send a consumer back to the beginning of everything (its effects must be idempotent or have been wiped)."""
    await session.execute(_RESET, {"consumer": consumer})


def _names(consumer: str, at: Partition) -> dict[str, object]:
    return {"consumer": consumer, "topic": at[0], "partition": at[1]}
