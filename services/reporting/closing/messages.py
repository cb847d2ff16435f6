"""Closings as the events of the topic ``reporting.closings``."""

from datetime import datetime

from contracts.envelope import VIETNAM, Snapshot
from contracts.events.closing import PeriodClosing, PeriodRevision
from services.chassis.persistence import About, Origin, OutboxEvent, outbox_event
from services.chassis.runtime import NewId, correlation_id, current_traceparent
from services.reporting.closing.repository import Closing


def closed_event(closing: Closing, sequence: int, new_id: NewId) -> OutboxEvent:
    """Return the event that a period was closed, or closed again. Its subject is the id of the period's first edition."""
    # Later editions have their own event type: subscribers must see that figures they have were replaced.
    name = "reporting.period.closed.v1" if closing.edition == 1 else "reporting.period.reissued.v1"
    data = PeriodClosing(
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
    )
    return _event(name, data, closing, closing.official["unit"], sequence, closing.closed_at, new_id)


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
    """Return the event that the office took note of a list of revisions of a closing."""
    data = PeriodRevision(
        closing=closing.id,
        edition=closing.edition,
        revision=revision,
        known_at=known_at,
        cells=cells,
        list_hash=list_hash,
    )
    return _event("reporting.period.revised.v1", data, closing, unit, sequence, noted_at, new_id)


def _event(
    name: str, data: Snapshot, closing: Closing, unit: str, sequence: int, at: datetime, new_id: NewId
) -> OutboxEvent:
    event_id, series = new_id(), str(closing.series)
    return outbox_event(
        name,
        data,
        About(series, series, unit, closing.area),
        Origin("reporting", correlation_id.get() or str(event_id), traceparent=current_traceparent()),
        event_id=event_id,
        sequence=sequence,
        at=at,
        on=at.astimezone(VIETNAM).date(),
        recorded_at=at,
    )
