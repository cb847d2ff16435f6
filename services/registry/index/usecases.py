"""Keep the person index current: store new record versions and publish the edges that change."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.chassis.persistence import AsyncSession, append
from services.chassis.runtime import NewId
from services.registry.index import repository
from services.registry.index.domain.edges import certain_edges
from services.registry.index.domain.plan import changes
from services.registry.index.messages import Cause, link_event
from services.registry.index.repository import Sighting


async def learn(
    session: AsyncSession, sightings: Sequence[Sighting], causes: Mapping[UUID, Cause], new_id: NewId
) -> int:
    """Store versions of records, publish the edges that they change, and return the number of events added to the outbox.

    Versions that are stored already change nothing. ``causes`` is the event of each record. Everything happens in the
    session's transaction.
    """
    if not sightings:
        return 0
    new = await repository.add(session, sightings)
    # Topics are read again after a restart or a rebuild; for known versions no edges need to be computed.
    if not new:
        return 0
    observations = await repository.clusters(session, new)
    refs = {each.ref for each in observations if each.ref is not None}
    edges = await asyncio.to_thread(certain_edges, observations)
    plan = changes(edges, await repository.published(session, refs))
    if not plan:
        return 0
    by_ref = {
        each.ref: causes[each.record_id]
        for each in observations
        if each.ref is not None and each.record_id in causes
    }
    await repository.save(session, plan)
    await append(session, [link_event(change, by_ref.get(change.edge.ref), new_id) for change in plan])
    return len(plan)
