"""The inbox: the ids of events that a consumer has applied, needed where applying an event twice would do harm."""

from collections.abc import Iterable

from sqlalchemy import text

from services.chassis.persistence.session import AsyncSession

_CLAIM = text(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS text[]))"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)


async def claim(session: AsyncSession, consumer: str, event_ids: Iterable[str]) -> set[str]:
    """Return the ids that are not applied yet, and store them as applied in this transaction.

    Another transaction with the same id waits for this one and does not get the id. The ids are inserted at once: two
    transactions that looked first would both find nothing.
    """
    # Sorted, so that two transactions with the same ids cannot deadlock.
    found = await session.execute(_CLAIM, {"consumer": consumer, "ids": sorted(set(event_ids))})
    return {row[0] for row in found}


async def claim_one(session: AsyncSession, consumer: str, event_id: str) -> bool:
    """Return whether this event is new to the consumer, and store it as applied."""
    return bool(await claim(session, consumer, (event_id,)))
