"""Keep the person index current: store new record versions and publish the edges that change."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.envelope import start_of_day
from reference import number_limits
from services.chassis.persistence import AsyncSession, append
from services.chassis.runtime import NewId
from services.registers import linkage_epochs
from services.registry.index import renaming, repository
from services.registry.index.domain.edges import certain_edges
from services.registry.index.domain.limits import EVER, Limits
from services.registry.index.domain.plan import changes
from services.registry.index.messages import Cause, link_event
from services.registry.index.repository import Sighting


async def learn(
    session: AsyncSession, sightings: Sequence[Sighting], causes: Mapping[UUID, Cause], new_id: NewId
) -> int:
    """Store versions of records, publish the edges that they change, and return the number of events added to the outbox.

    Versions that are stored already change nothing. ``causes`` is the event of each record. Everything happens in the
    session's transaction. During a rotation of the linkage secret, edges change only when it is over (`take_new_tokens`).
    """
    if not sightings:
        return 0
    new = await repository.add(session, sightings)
    if new:
        await repository.mark_due(session, new, ())
    if (await linkage_epochs.read(session)).rotating:
        await renaming.note(session, sightings, new)
        return 0
    # Topics are read again after a restart or a rebuild; for known versions no edges need to be computed.
    return await _publish(session, new, causes, new_id) if new else 0


async def take_new_tokens(session: AsyncSession, abandon: bool, new_id: NewId) -> int:
    """Give the index the tokens of the next linkage secret (`renaming.rename`); return how many nobody has told."""
    abandoned, postponed = await renaming.rename(session, abandon)
    if postponed:
        await _publish(session, postponed, {}, new_id)
    return abandoned


async def _publish(
    session: AsyncSession, records: Sequence[UUID], causes: Mapping[UUID, Cause], new_id: NewId
) -> int:
    observations = await repository.clusters(session, records)
    refs = {each.ref for each in observations if each.ref is not None}
    edges = await asyncio.to_thread(certain_edges, observations, limits_in_force())
    plan = changes(edges, await repository.published(session, refs))
    if not plan:
        return 0
    by_ref = {
        each.ref: causes[each.record_id]
        for each in observations
        if each.ref is not None and each.record_id in causes
    }
    await repository.save(session, plan)
    await repository.mark_due(session, (), {change.edge.ref for change in plan})
    await append(session, [link_event(change, by_ref.get(change.edge.ref), new_id) for change in plan])
    return len(plan)


def limits_in_force() -> Limits:
    """Return how many people one number may join, by the province's pack."""
    return Limits(
        tuple(
            (EVER if each.valid_from is None else start_of_day(each.valid_from), each.people)
            for each in number_limits()
        )
    )
