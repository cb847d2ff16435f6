"""Make CloudEvents. All attributes of the envelope are set here and nowhere else."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import Snapshot, schema_uri
from services.chassis.persistence.outbox import OutboxEvent


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of events: the service, the request or event that caused them, and its trace."""

    service: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about: its subject, the key whose events stay in order, the owning unit and the area."""

    subject: str
    key: str
    unit: str
    area: str | None = None


def snapshot_of(data: Snapshot) -> orjson.Fragment:
    """Return an event's data as JSON. Where several events have the same data, it is made once."""
    return orjson.Fragment(data.model_dump_json(exclude_none=True))


def outbox_event(
    event_type: str,
    data: Snapshot | orjson.Fragment,
    about: About,
    origin: Origin,
    *,
    event_id: UUID,
    sequence: int,
    at: datetime,
    on: date,
    recorded_at: datetime,
) -> OutboxEvent:
    """Return an event as it goes on the wire; topic and classification are those of the catalogue.

    ``at`` is when it happened and ``on`` the valid date, ``recorded_at`` its record time, ``sequence`` the version of
    the subject. Attributes without a value are left out, as CloudEvents asks.
    """
    kind = EVENT_TYPES[event_type]
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"urn:khopso:{origin.service}",
        "type": event_type,
        "subject": about.subject,
        "time": _instant(at),
        "datacontenttype": "application/json",
        "dataschema": schema_uri(event_type),
        "recordedtime": _instant(recorded_at),
        "occurredon": on.isoformat(),
        "sequence": str(sequence),
        "partitionkey": about.key,
        "correlationid": origin.correlation_id,
        "dataclassification": kind.classification,
        "unit": about.unit,
        "data": snapshot_of(data) if isinstance(data, Snapshot) else data,
    }
    if origin.causation_id is not None:
        envelope["causationid"] = origin.causation_id
    if origin.traceparent is not None:
        envelope["traceparent"] = origin.traceparent
    if about.area is not None:
        envelope["area"] = about.area
    return OutboxEvent(
        event_id=event_id,
        topic=kind.topic,
        key=about.key,
        subject=about.subject,
        sequence=sequence,
        payload=orjson.dumps(envelope),
        recorded_at=recorded_at,
        traceparent=origin.traceparent,
    )


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
