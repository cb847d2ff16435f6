"""Dead letters: messages that could not be applied, kept with their original bytes, listed, retried, discarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import text

from services.chassis.kafka.clients import TopicLike, dead_letter_topic
from services.chassis.kafka.delivery import Delivered, Permanent, Retryable, Undelivered, receive
from services.chassis.persistence import (
    AsyncSession,
    OutboxEvent,
    UnitOfWork,
    outbox,
    pack_headers,
    unpack_headers,
)
from services.chassis.runtime import Clock, get_logger

log = get_logger(__name__)

Status = Literal["waiting", "retried", "discarded", "erased"]
# The reasons travel as headers beside the original bytes and must fit into the same limit.
_ROOM_FOR_REASONS = 32_768
_INSERT = text(
    'INSERT INTO dead_letter (consumer, topic, partition, "offset", incarnation, digest, key, value, headers, sent_at,'
    " reason, error, failed_at) SELECT :consumer, :topic, :partition, :offset, :incarnation, :digest, :key, :value,"
    " CAST(:headers AS jsonb), :sent_at, :reason, :error, :failed_at WHERE NOT EXISTS (SELECT 1 FROM dead_letter"
    " WHERE consumer = :consumer AND topic = :topic AND digest = :digest AND incarnation <> :incarnation)"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_COLUMNS = (
    'id, consumer, topic, partition, "offset", key, value, headers, sent_at, reason, error, failed_at, status,'
    " attempts, settled_at, settled_by"
)


class Applies(Protocol):
    """A consumer, as far as retrying a dead letter needs it."""

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> dict[str, TopicLike]: ...
    @property
    def known_types(self) -> frozenset[str] | None: ...
    async def apply_one(self, session: AsyncSession, delivered: Delivered) -> None: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message put aside. ``reason`` says why, in one word; bytes and headers are as they came."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    sent_at: datetime
    reason: str
    error: str
    failed_at: datetime
    status: Status
    attempts: int
    settled_at: datetime | None
    settled_by: str | None


class NoDeadLetterError(Exception):
    """No dead letter has this number."""


class SettledError(Exception):
    """The dead letter was retried, discarded or erased before."""


class StillFailsError(Exception):
    """The message cannot be applied now either; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def put(
    session: AsyncSession,
    consumer: str,
    letters: Sequence[tuple[Undelivered, str]],
    now: datetime,
    max_message_bytes: int,
) -> None:
    """Keep messages (each with its log epoch) as dead letters and queue them for ``<topic>.dlq``.

    Both belong to the session's transaction, as the position does. A message that is stored already, from the same
    offset or from an earlier log epoch, is not stored again: a log that was lost is filled with the same messages.
    """
    events = []
    for letter, epoch in letters:
        values = {
            "topic": letter.topic,
            "partition": letter.partition,
            "offset": letter.offset,
            "key": letter.key,
            "value": letter.value,
            "headers": _json(pack_headers(letter.raw_headers)),
            "sent_at": letter.timestamp,
            "reason": letter.reason,
            "error": letter.error,
            "failed_at": now,
            "incarnation": epoch,
            "consumer": consumer,
            "digest": _digest(letter),
        }
        # No id comes back for a letter that is stored already: it was queued for its topic at that time.
        if await session.scalar(_INSERT, values) is not None:
            events.append(_published(consumer, letter, epoch, now, max_message_bytes))
    await outbox.append(session, events)


async def find(session: AsyncSession, number: int, *, lock: bool = False) -> DeadLetter:
    """Return one dead letter; NoDeadLetterError."""
    query = f"SELECT {_COLUMNS} FROM dead_letter WHERE id = :id" + (" FOR UPDATE" if lock else "")
    row = (await session.execute(text(query), {"id": number})).one_or_none()
    if row is None:
        raise NoDeadLetterError(str(number))
    return _letter(tuple(row))


async def event_id_of(session: AsyncSession, letter: DeadLetter) -> UUID:
    """Return the id of the event that carries a letter's copy to its topic."""
    epoch = await session.scalar(
        text("SELECT incarnation FROM dead_letter WHERE id = :id"), {"id": letter.id}
    )
    return _event_id(letter.consumer, f"{letter.topic}/{letter.partition}/{letter.offset}", str(epoch))


def _event_id(consumer: str, place: str, epoch: str) -> UUID:
    # Made from place and epoch, so the same letter has the same id however often it is made.
    return uuid5(NAMESPACE_URL, f"khopso:dlq:{consumer}:{place}:{epoch}")


async def listed(
    session: AsyncSession,
    *,
    status: Status | None = "waiting",
    consumer: str | None = None,
    topic: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[DeadLetter]:
    """Dead letters in the order they came, from number ``after`` on (exclusive)."""
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM dead_letter WHERE id > :after"
            " AND (CAST(:status AS text) IS NULL OR status = :status)"
            " AND (CAST(:consumer AS text) IS NULL OR consumer = :consumer)"
            " AND (CAST(:topic AS text) IS NULL OR topic = :topic) ORDER BY id LIMIT :limit"
        ),
        {"after": after, "status": status, "consumer": consumer, "topic": topic, "limit": limit},
    )
    return [_letter(tuple(row)) for row in rows]


async def discard(session: AsyncSession, number: int, by: str, now: datetime) -> DeadLetter:
    """Give one up for good, its bytes stay until it is erased; NoDeadLetterError, SettledError."""
    await _waiting(session, number)
    await _settle(session, number, "discarded", by, now)
    return await find(session, number)


async def retry(
    uow: UnitOfWork, consumers: Mapping[str, Applies], number: int, by: str, clock: Clock
) -> DeadLetter:
    """Apply the original bytes again, through the handler of the consumer that failed, in one transaction.

    NoDeadLetterError, SettledError, KeyError (the consumer is not of this service any more), StillFailsError.
    """
    try:
        async with uow() as session:
            letter = await _waiting(session, number)
            consumer = consumers[letter.consumer]
            await consumer.apply_one(session, _redelivered(letter, consumer.known_types))
            await _settle(session, number, "retried", by, clock())
            return await find(session, number)
    except (Permanent, Retryable) as refused:
        reason = refused.reason if isinstance(refused, Permanent) else "retryable"
        # The first transaction was rolled back with all that was in it, so the attempt is counted in a second one.
        async with uow() as session:
            await session.execute(
                text("UPDATE dead_letter SET attempts = attempts + 1, reason = :reason WHERE id = :id"),
                {"id": number, "reason": reason},
            )
        raise StillFailsError(reason) from refused


def _redelivered(letter: DeadLetter, known_types: frozenset[str] | None) -> Delivered:
    found = receive(
        letter.topic,
        letter.partition,
        letter.offset,
        letter.key,
        letter.value,
        letter.headers,
        int(letter.sent_at.timestamp() * 1000),
        known_types,
        mend_headers=True,  # an operator has looked at it
    )
    if isinstance(found, Undelivered):
        raise Permanent(found.reason)
    return found


async def _waiting(session: AsyncSession, number: int) -> DeadLetter:
    # Locked: two operators who settle the same letter at once must follow each other.
    letter = await find(session, number, lock=True)
    if letter.status != "waiting":
        raise SettledError(letter.status)
    return letter


async def _settle(session: AsyncSession, number: int, status: Status, by: str, now: datetime) -> None:
    await session.execute(
        text("UPDATE dead_letter SET status = :status, settled_at = :now, settled_by = :by WHERE id = :id"),
        {"id": number, "status": status, "now": now, "by": by},
    )


def _published(
    consumer: str, letter: Undelivered, epoch: str, now: datetime, max_message_bytes: int
) -> OutboxEvent:
    place = f"{letter.topic}/{letter.partition}/{letter.offset}"
    size = len(letter.value or b"") + sum(len(name) + len(value or b"") for name, value in letter.raw_headers)
    fits = size + _ROOM_FOR_REASONS <= max_message_bytes
    key, readable = _text_key(letter.key)
    reasons = {
        "khopso-dlq-topic": letter.topic,
        "khopso-dlq-partition": str(letter.partition),
        "khopso-dlq-offset": str(letter.offset),
        "khopso-dlq-consumer": consumer,
        "khopso-dlq-reason": letter.reason,
        "khopso-dlq-error": letter.error,
        "khopso-dlq-time": now.isoformat(),
    }
    if not readable and letter.key is not None:
        reasons["khopso-dlq-key-hex"] = letter.key.hex()
    if not fits:
        reasons["khopso-dlq-body"] = "too large for the topic; kept in the consumer's database"
    return OutboxEvent(
        event_id=_event_id(consumer, place, epoch),
        topic=dead_letter_topic(letter.topic).name,
        key=key,
        subject=place,
        sequence=1,
        payload=letter.value if fits else None,
        recorded_at=now,
        headers=(
            *(letter.raw_headers if fits else ()),
            *((name, value.encode()) for name, value in reasons.items()),
        ),
    )


def _text_key(key: bytes | None) -> tuple[str | None, bool]:
    try:
        found = None if key is None else key.decode()
    except UnicodeDecodeError:
        return None, False
    # PostgreSQL's text type refuses NUL, so such a key goes into a header as hex.
    return (None, False) if found is not None and "\x00" in found else (found, True)


def _digest(letter: Undelivered) -> bytes:
    contents = (letter.key, letter.value, *(value for _, value in letter.raw_headers))
    # The length stands before each part: otherwise two different messages could join to the same bytes.
    parts = [b"-" if part is None else b"%d:" % len(part) + part for part in contents]
    return sha256(b"".join(parts)).digest()


def _json(value: Any) -> str:
    import orjson

    return orjson.dumps(value).decode()


def _letter(row: tuple[Any, ...]) -> DeadLetter:
    fields = list(row)
    fields[7] = tuple(unpack_headers(fields[7]))
    return DeadLetter(*fields)
