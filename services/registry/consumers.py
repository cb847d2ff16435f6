"""What registry hears: everything about persons, its own rows too, each batch in one transaction.

A batch of thousands is read and resolved beside the event loop, which serves HTTP in the same process.
"""

import asyncio
from uuid import UUID

from pydantic import ValidationError

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.envelope import Envelope
from contracts.topics import LINKAGE_TOPICS
from services.chassis.kafka import Batch, Delivered, Handler, Permanent, Session
from services.chassis.runtime import NewId
from services.registry.index import Cause, Sighting, learn, sighting

CONSUMER = "registry-person-index"
TOPICS = LINKAGE_TOPICS
KNOWN_TYPES = frozenset(name for name, event in EVENT_TYPES.items() if event.topic in LINKAGE_TOPICS)


def person_index(new_id: NewId) -> Handler:
    """Return the subscriber of the person index."""

    async def learn_persons(batch: Batch, session: Session) -> None:
        sightings, causes = await asyncio.to_thread(_read_all, batch)
        await learn(session, sightings, causes, new_id)

    return learn_persons


def _read_all(batch: list[Delivered]) -> tuple[list[Sighting], dict[UUID, Cause]]:
    sightings: list[Sighting] = []
    causes: dict[UUID, Cause] = {}
    for delivered in batch:
        event, seen = _read(delivered)
        sightings.append(seen)
        causes[seen.observation.record_id] = Cause(event.id, event.correlationid, event.traceparent)
    return sightings, causes


def _read(delivered: Delivered) -> tuple[Envelope, Sighting]:
    try:
        event = parse_event(delivered.topic, delivered.value)
    except ValidationError:
        # Permanent: read again it would be just as wrong, and the partition must not wait for it.
        raise Permanent("rule-broken", delivered) from None
    try:
        return event, sighting(event, delivered.timestamp)
    except (TypeError, ValueError):
        raise Permanent("no-record-of-a-person", delivered) from None
