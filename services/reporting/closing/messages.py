"""Closings as the events of the topic ``reporting.closings``."""

from datetime import datetime

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import VIETNAM, Envelope, schema_uri, wire
from contracts.events.closing import PeriodClosed, PeriodClosing, PeriodRevised, PeriodRevision
from services.chassis.persistence import OutboxEvent
from services.chassis.runtime import NewId, correlation_id, current_traceparent
from services.reporting.closing.repository import Closing

TOPIC = "reporting.closings"
_SOURCE = "urn:khopso:reporting"


def closed_event(closing: Closing, sequence: int, new_id: NewId) -> OutboxEvent:
    """A period was closed, or closed again. The subject is the period: the id of its first edition."""
    event_id = new_id()
    name = "reporting.period.closed.v1" if closing.edition == 1 else "reporting.period.reissued.v1"
    event = PeriodClosed(
        id=event_id,
        source=_SOURCE,
        type=name,
        subject=str(closing.series),
        time=closing.closed_at,
        dataschema=schema_uri(name),
        recordedtime=closing.closed_at,
        occurredon=closing.closed_at.astimezone(VIETNAM).date(),
        sequence=sequence,
        partitionkey=str(closing.series),
        correlationid=correlation_id.get() or str(event_id),
        dataclassification=EVENT_TYPES[name].classification,
        traceparent=current_traceparent(),
        unit=closing.official["unit"],
        area=closing.area,
        data=PeriodClosing(
            closing=closing.id,
            number=closing.number,
            edition=closing.edition,
            supersedes=closing.supersedes,
            calendar=closing.calendar,
            period=closing.period,
            first=closing.first,
            last=closing.last,
            area=closing.area,
            figures=closing.figures,
            known_at=closing.known_at,
            closed_at=closing.closed_at,
            cells=closing.cells,
            content_hash=closing.content_hash,
            previous_hash=closing.previous_hash,
            entry_hash=closing.entry_hash,
            signature=closing.signature,
            key_id=closing.key_id,
        ),
    )
    return _outgoing(event, closing.closed_at)


def revised_event(
    closing: Closing,
    revision: int,
    *,
    known_at: datetime,
    noted_at: datetime,
    cells: int,
    list_hash: str,
    unit: str,
    sequence: int,
    new_id: NewId,
) -> OutboxEvent:
    """The office took note of a list of revisions of a closing."""
    event_id = new_id()
    name = "reporting.period.revised.v1"
    event = PeriodRevised(
        id=event_id,
        source=_SOURCE,
        type=name,
        subject=str(closing.series),
        time=noted_at,
        dataschema=schema_uri(name),
        recordedtime=noted_at,
        occurredon=noted_at.astimezone(VIETNAM).date(),
        sequence=sequence,
        partitionkey=str(closing.series),
        correlationid=correlation_id.get() or str(event_id),
        dataclassification=EVENT_TYPES[name].classification,
        traceparent=current_traceparent(),
        unit=unit,
        area=closing.area,
        data=PeriodRevision(
            closing=closing.id,
            edition=closing.edition,
            revision=revision,
            known_at=known_at,
            cells=cells,
            list_hash=list_hash,
        ),
    )
    return _outgoing(event, noted_at)


def _outgoing(event: Envelope, at: datetime) -> OutboxEvent:
    return OutboxEvent(
        event_id=event.id,
        topic=TOPIC,
        key=event.partitionkey,
        subject=event.subject,
        sequence=event.sequence,
        payload=wire(event),
        recorded_at=at,
        traceparent=event.traceparent,
    )
