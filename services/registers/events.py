"""Planned events → outbox events: one snapshot, serialised once per hand-in."""

from collections.abc import Sequence
from datetime import datetime

from contracts.envelope import Snapshot
from services.chassis.persistence import About, Origin, OutboxEvent, outbox_event, snapshot_of
from services.chassis.runtime import NewId
from services.registers.decisions import Planned


def outbox_events(
    planned: Sequence[Planned],
    data: Snapshot,
    about: About,
    origin: Origin,
    last: int,
    recorded_at: datetime,
    new_id: NewId,
) -> list[OutboxEvent]:
    """Return the events of one hand-in: one record time, consecutive sequence numbers up to ``last``."""
    snapshot = snapshot_of(data)
    return [
        outbox_event(
            event.type,
            snapshot,
            about,
            origin,
            event_id=new_id(),
            sequence=sequence,
            at=event.at,
            on=event.on,
            recorded_at=recorded_at,
        )
        for sequence, event in enumerate(planned, last - len(planned) + 1)
    ]
