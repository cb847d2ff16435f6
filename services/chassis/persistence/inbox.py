"""The inbox: which events a consumer has applied, for effects that are not idempotent by themselves."""

from collections.abc import Iterable

from sqlalchemy import text

from services.chassis.persistence.session import AsyncSession

_CLAIM = text(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS text[]))"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)


async def claim(session: AsyncSession, consumer: str, event_ids: Iterable[str]) -> set[str]:
    """Return the ids not yet applied, now taken by this transaction; a twin in another one waits for it and gets nothing.

    Insert and look at the conflict, never look first: two twins would both see nothing.
    """
    # Sorted, so that two transactions with the same ids never wait for each other crosswise.
    found = await session.execute(_CLAIM, {"consumer": consumer, "ids": sorted(set(event_ids))})
    return {row[0] for row in found}


async def claim_one(session: AsyncSession, consumer: str, event_id: str) -> bool:
    """Return whether this event is new to the consumer; from now on it is not."""
    return bool(await claim(session, consumer, (event_id,)))
