"""Dead letters of a generation: the messages it could not apply, and their settlement when another generation replaces it."""

from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text

from services.chassis.persistence import AsyncSession

_VALUES = text("SELECT value FROM dead_letter WHERE consumer = :consumer AND value IS NOT NULL")
_SAME = "a.topic = b.topic AND a.digest = b.digest"
_LETTERS = (
    text(
        "UPDATE dead_letter a SET status = b.status, settled_at = b.settled_at, settled_by = b.settled_by"
        f" FROM dead_letter b WHERE a.consumer = :new AND b.consumer = :old AND {_SAME} AND b.status = 'discarded'"
    ),
    text(
        "UPDATE dead_letter b SET status = 'discarded', settled_at = :now, settled_by = 'rebuild'"
        " FROM dead_letter a WHERE b.consumer = :old AND b.status = 'waiting'"
        f" AND a.consumer = :new AND {_SAME}"
    ),
    text(
        "UPDATE dead_letter b SET status = 'retried', settled_at = :now, settled_by = 'rebuild' FROM position p"
        " WHERE b.consumer = :old AND b.status = 'waiting' AND p.consumer = :new AND p.topic = b.topic"
        ' AND p.partition = b.partition AND p.incarnation = b.incarnation AND b."offset" < p.next_offset'
    ),
    text("UPDATE dead_letter SET consumer = :new WHERE consumer = :old AND status = 'waiting'"),
)


async def put_aside(session: AsyncSession, consumer: str) -> set[UUID]:
    """Return the ids of the events among a consumer's dead letters; a letter without a readable id is left out."""
    found = set()
    for value in await session.scalars(_VALUES, {"consumer": consumer}):
        event_id = _event_id(value)
        if event_id is not None:
            found.add(event_id)
    return found


def _event_id(value: bytes) -> UUID | None:
    try:
        # A dead letter may be any bytes at all; one that is not an event must not stop a rebuild.
        document = orjson.loads(value)
        return UUID(document["id"])
    except (ValueError, TypeError, KeyError, AttributeError):  # what lies here is broken in any way there is
        return None


async def hand_over(session: AsyncSession, old: str, new: str, now: datetime) -> None:
    """Settle the dead letters of an old generation's consumer by what the new generation did with the same messages.

    - A discarded letter stays discarded.
    - One that the new generation applied is settled as retried.
    - One that the new generation could not apply either is discarded here: the new consumer has its own letter of it.
    - One that the new generation has not reached goes on waiting under the new consumer's name.
    """
    # The order of the statements matters: each settles what the ones before it left waiting.
    names = {"old": old, "new": new, "now": now}
    for statement in _LETTERS:
        await session.execute(statement, names)
