"""Links that somebody decided: two references with one token, which stands for the decision.

They are apart from certain links: those follow from what records say and are computed anew with each record, these stay until
somebody undoes them. Both are told by the same events, so that figures join and part by both alike.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from services.chassis.persistence import AsyncSession, append, raw
from services.chassis.runtime import NewId
from services.registers import linkage_epochs
from services.registry.index import repository
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.plan import LinkChange
from services.registry.index.messages import link_event

_DECISIONS = UUID("2f0d6a34-7c1b-5f0e-9d52-0b7f5b8f6a11")


def token_of(decision: UUID) -> UUID:
    """Return the token that stands for a decision."""
    return uuid5(_DECISIONS, str(decision))


async def lock_links(session: AsyncSession) -> None:
    """Wait until nobody else changes links, and keep them as they are until the transaction ends.

    Raises:
        HashingRotatesError: the linkage secret is being rotated, and links are told again afterwards.
    """
    await linkage_epochs.hold(session)
    await (await raw(session)).execute("SELECT pg_advisory_xact_lock(%s)", [repository.LOCK])


async def hold_links(session: AsyncSession) -> bool:
    """Keep links as they are until the transaction ends, for work that can wait; False where somebody changes them now."""
    cursor = await (await raw(session)).execute("SELECT pg_try_advisory_xact_lock(%s)", [repository.LOCK])
    return bool(await cursor.fetchone() == (True,))


async def link_decided(
    session: AsyncSession, decision: UUID, refs: Collection[UUID], at: datetime, new_id: NewId
) -> None:
    """Make the references one human being from the instant on, and publish that."""
    # A decision makes its link once and ends it once, so its events are 1 and 2 whatever else happens to the pair.
    await _publish(session, [_edge(decision, ref, at, None) for ref in sorted(refs)], 1, new_id)


async def end_decided(
    session: AsyncSession,
    decision: UUID,
    refs: Collection[UUID],
    since: datetime,
    at: datetime,
    new_id: NewId,
) -> None:
    """End the link that the decision made at ``since``: from the instant on it joins nobody. What was known before stays known."""
    await _publish(session, [_edge(decision, ref, since, at) for ref in sorted(refs)], 2, new_id)


def _edge(decision: UUID, ref: UUID, since: datetime, until: datetime | None) -> Edge:
    return Edge(ref, token_of(decision), "clerk", 0, since, until)


async def _publish(session: AsyncSession, edges: Sequence[Edge], sequence: int, new_id: NewId) -> None:
    changes = [LinkChange("linked", edge, sequence) for edge in edges]
    await repository.save(session, changes)
    await append(session, [link_event(change, None, new_id) for change in changes])
