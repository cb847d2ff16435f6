"""Planned events → outbox events: the CloudEvents envelope around a snapshot that is serialised once per hand-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import Snapshot, schema_uri
from services.chassis.persistence import OutboxEvent
from services.chassis.runtime import NewId
from services.registers.decide import Planned


@dataclass(frozen=True, slots=True)
class Origin:
    """What the events of one batch have in common."""

    service: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The record that the events of one hand-in report on. ``sequence`` is that of the last of them."""

    record_id: UUID
    partition_key: str
    unit: str
    area: str | None
    sequence: int
    recorded_at: datetime


def outbox_events(
    planned: Sequence[Planned], data: Snapshot, about: About, origin: Origin, new_id: NewId
) -> list[OutboxEvent]:
    """The events of one hand-in: one snapshot, one record time, consecutive sequence numbers."""
    snapshot = orjson.Fragment(data.model_dump_json(exclude_none=True))
    subject = str(about.record_id)
    recorded = _instant(about.recorded_at)
    first = about.sequence - len(planned) + 1
    found = []
    for sequence, event in enumerate(planned, first):
        kind = EVENT_TYPES[event.type]
        event_id = new_id()
        envelope = {
            "specversion": "1.0",
            "id": str(event_id),
            "source": f"urn:khopso:{origin.service}",
            "type": event.type,
            "subject": subject,
            "time": _instant(event.at),
            "datacontenttype": "application/json",
            "dataschema": schema_uri(event.type),
            "recordedtime": recorded,
            "occurredon": event.on.isoformat(),
            "sequence": str(sequence),
            "partitionkey": about.partition_key,
            "correlationid": origin.correlation_id,
            "dataclassification": kind.classification,
            "unit": about.unit,
            "data": snapshot,
        }
        if origin.causation_id is not None:
            envelope["causationid"] = origin.causation_id
        if origin.traceparent is not None:
            envelope["traceparent"] = origin.traceparent
        if about.area is not None:
            envelope["area"] = about.area
        payload = orjson.dumps(envelope)
        found.append(
            OutboxEvent(
                event_id,
                kind.topic,
                about.partition_key,
                subject,
                sequence,
                payload,
                about.recorded_at,
                traceparent=origin.traceparent,
            )
        )
    return found


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
