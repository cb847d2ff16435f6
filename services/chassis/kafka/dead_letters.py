"""Dead letters: store messages that could not be applied, with their original bytes; list, retry and discard them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import literal, update
from sqlalchemy import select as select_values
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

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
from services.chassis.persistence import DeadLetter as DeadLetterRow
from services.chassis.runtime import Clock, get_logger

log = get_logger(__name__)

Status = Literal["waiting", "retried", "discarded", "erased"]
# The reasons travel as headers beside the original bytes and must fit into the same limit.
_ROOM_FOR_REASONS = 32_768


class Applies(Protocol):
    """The part of a consumer that is needed to retry a dead letter."""

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> dict[str, TopicLike]: ...
    @property
    def known_types(self) -> frozenset[str] | None: ...
    async def apply_one(self, session: AsyncSession, delivered: Delivered) -> None: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that could not be applied, for a ``reason`` (a short code); bytes and headers are unchanged."""

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
        if await _keep(session, consumer, letter, epoch, now):
            events.append(_published(consumer, letter, epoch, now, max_message_bytes))
    await outbox.append(session, events)


async def _keep(session: AsyncSession, consumer: str, letter: Undelivered, epoch: str, now: datetime) -> bool:
    """Store a dead letter; return False where it is stored already (then it was queued for its topic too)."""
    values = {
        "consumer": consumer,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "incarnation": epoch,
        "digest": _digest(letter),
        "key": letter.key,
        "value": letter.value,
        "headers": pack_headers(letter.raw_headers),
        "sent_at": letter.timestamp,
        "reason": letter.reason,
        "error": letter.error,
        "failed_at": now,
    }
    same = select(DeadLetterRow.id).where(
        DeadLetterRow.consumer == consumer,
        DeadLetterRow.topic == letter.topic,
        DeadLetterRow.digest == values["digest"],
        DeadLetterRow.incarnation != epoch,
    )
    # One statement, not a look and then an insert: two processes may meet the same message at the same time.
    given = [literal(value, getattr(DeadLetterRow, name).type) for name, value in values.items()]
    made = insert(DeadLetterRow).from_select(list(values), select_values(*given).where(~same.exists()))
    kept = await session.exec(made.on_conflict_do_nothing().returning(col(DeadLetterRow.id)))
    return kept.first() is not None


async def find(session: AsyncSession, number: int, *, lock: bool = False) -> DeadLetter:
    """Return one dead letter; NoDeadLetterError."""
    asked = select(DeadLetterRow).where(DeadLetterRow.id == number).execution_options(populate_existing=True)
    row = (await session.exec(asked.with_for_update() if lock else asked)).one_or_none()
    if row is None:
        raise NoDeadLetterError(str(number))
    return _letter(row)


async def event_id_of(session: AsyncSession, letter: DeadLetter) -> UUID:
    """Return the id of the event that carries a letter's copy to its topic."""
    epoch = (await session.exec(select(DeadLetterRow.incarnation).where(DeadLetterRow.id == letter.id))).one()
    return _event_id(letter.consumer, f"{letter.topic}/{letter.partition}/{letter.offset}", epoch)


def _event_id(consumer: str, place: str, epoch: str) -> UUID:
    # Computed from the place in the log and the log epoch, so the same letter always has the same id.
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
    """Return dead letters in the order in which they came, those with numbers greater than ``after``."""
    asked = select(DeadLetterRow).where(col(DeadLetterRow.id) > after)
    for column, wanted in (
        (DeadLetterRow.status, status),
        (DeadLetterRow.consumer, consumer),
        (DeadLetterRow.topic, topic),
    ):
        if wanted is not None:
            asked = asked.where(col(column) == wanted)
    rows = await session.exec(asked.order_by(col(DeadLetterRow.id)).limit(limit))
    return [_letter(row) for row in rows]


async def discard(session: AsyncSession, number: int, by: str, now: datetime) -> DeadLetter:
    """Settle a dead letter without applying it; its bytes stay until it is erased.

    Raises:
        NoDeadLetterError: there is no letter with this number.
        SettledError: it was settled before.
    """
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
        # The first transaction was rolled back, so the attempt is counted in a second one.
        async with uow() as session:
            await session.exec(
                update(DeadLetterRow)
                .where(col(DeadLetterRow.id) == number)
                .values(attempts=DeadLetterRow.attempts + 1, reason=reason)
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
    # Locked, so that of two operators who settle the same letter at once the second one waits and is refused.
    letter = await find(session, number, lock=True)
    if letter.status != "waiting":
        raise SettledError(letter.status)
    return letter


async def _settle(session: AsyncSession, number: int, status: Status, by: str, now: datetime) -> None:
    await session.exec(
        update(DeadLetterRow)
        .where(col(DeadLetterRow.id) == number)
        .values(status=status, settled_at=now, settled_by=by)
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
    # Each part is preceded by its length: otherwise two different messages could give the same bytes.
    parts = [b"-" if part is None else b"%d:" % len(part) + part for part in contents]
    return sha256(b"".join(parts)).digest()


def _letter(row: DeadLetterRow) -> DeadLetter:
    fields = {name: getattr(row, name) for name in DeadLetter.__slots__}
    return DeadLetter(**fields | {"headers": tuple(unpack_headers(row.headers))})
