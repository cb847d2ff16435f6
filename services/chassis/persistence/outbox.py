"""The outbox: all events of a service, sent to Kafka or waiting for it. Rows are kept for ever: it is the event store."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.chassis.persistence.copying import copy_rows
from services.chassis.persistence.session import AsyncSession, raw

CHANNEL = "outbox"
CONTENT_TYPE = b"application/cloudevents+json; charset=utf-8"
"""Content type of every message: CloudEvents in structured mode."""
_NOTIFIED = "outbox_notified"
_COLUMNS = {
    "event_id": "uuid",
    "topic": "text",
    "key": "text",
    "subject": "text",
    "sequence": "int8",
    "payload": "bytea",
    "headers": "jsonb",
    "recorded_at": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event that a use case adds to the outbox.
    ``key`` decides the partition: events of one key stay in order. ``payload`` is the message as it goes on the
    wire. ``traceparent`` (W3C Trace Context, as in the payload) becomes a header beside the content type.
    ``headers`` replace both.
    """

    event_id: UUID
    topic: str
    key: str | None
    subject: str
    sequence: int
    payload: bytes | None
    recorded_at: datetime
    headers: tuple[tuple[str, bytes | None], ...] = ()
    traceparent: str | None = None


async def append(session: AsyncSession, events: Sequence[OutboxEvent]) -> None:
    """Add events to the session's transaction, in this order, by COPY; wakes the relay once at its commit."""
    if not events:
        return
    connection = await raw(session)
    rows = (
        (
            event.event_id,
            event.topic,
            event.key,
            event.subject,
            event.sequence,
            event.payload,
            _stored_headers(event),
            event.recorded_at,
        )
        for event in events
    )
    await copy_rows(connection, "outbox", _COLUMNS, rows)
    # PostgreSQL delivers equal notifications of one transaction only once, so one is enough.
    # A session holds one transaction (`UnitOfWork`), so the mark need not be taken off at its end.
    if not session.info.get(_NOTIFIED):
        await connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
        session.info[_NOTIFIED] = True


async def send_again(session: AsyncSession, topics: Sequence[str] | None = None) -> int:
    """Mark all events (of these topics) unsent, so that the relay sends them again; return their number."""
    done = await session.execute(
        text(
            "UPDATE outbox SET sent_at = NULL, sent_partition = NULL, sent_offset = NULL"
            " WHERE sent_at IS NOT NULL AND (CAST(:topics AS text[]) IS NULL OR topic = ANY(CAST(:topics AS text[])))"
        ),
        {"topics": None if topics is None else list(topics)},
    )
    count: int = done.rowcount  # type: ignore[attr-defined]
    return count


def _stored_headers(event: OutboxEvent) -> list[list[str | None]] | None:
    """Return the headers of an event; None stands for the content type alone, which most rows have."""
    if event.headers:
        return pack_headers(event.headers)
    if event.traceparent is None:
        return None
    return pack_headers([("content-type", CONTENT_TYPE), ("traceparent", event.traceparent.encode())])


def pack_headers(headers: Sequence[tuple[str, bytes | None]]) -> list[list[str | None]]:
    """Return message headers as JSON: values in base64, and names without NUL, which jsonb refuses."""
    return [
        [name.replace("\x00", "\ufffd"), None if value is None else b64encode(value).decode()]
        for name, value in headers
    ]


def unpack_headers(stored: Sequence[Sequence[str | None]] | None) -> list[tuple[str, bytes | None]]:
    """Return the reverse of `pack_headers`."""
    return [(name or "", None if value is None else b64decode(value)) for name, value in stored or ()]
