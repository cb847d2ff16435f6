"""Erase the content of a dead letter, such as names that were sent unencrypted by mistake; its other columns are kept.

The content may be in four places: in ``dead_letter``, in the outbox row of its copy, in that copy on ``<topic>.dlq``, and
on the topic to which it was sent. The two in the database are erased in one transaction. A log can only be cut at its
beginning (Kafka's DeleteRecords), which deletes all earlier records too. On the topic of dead letters these are sent again
from the outbox; on a topic that units write to they were applied before the dead letter was stored.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError
from sqlalchemy import text

from services.chassis.kafka import clients, dead_letters
from services.chassis.kafka.clients import TopicLike, dead_letter_topic
from services.chassis.kafka.dead_letters import DeadLetter, event_id_of
from services.chassis.kafka.log_epochs import quietly, remove
from services.chassis.kafka.positions import Partition
from services.chassis.persistence import AsyncSession, UnitOfWork, pack_headers, unpack_headers
from services.chassis.runtime import ServiceSettings, describe, get_logger, pause

log = get_logger(__name__)

_BLANK_LETTER = text(
    "UPDATE dead_letter SET key = NULL, value = NULL, headers = '[]', digest = :digest, status = 'erased',"
    " settled_at = :now, settled_by = :by, erased_because = :because WHERE id = :id"
)
_COPY = text(
    "SELECT id, headers, sent_offset FROM outbox WHERE topic = :topic AND event_id = :event FOR UPDATE"
)
_BLANK_COPY = text(
    "UPDATE outbox SET key = NULL, payload = NULL, headers = CAST(:headers AS jsonb) WHERE id = :id"
)
_SEND_OTHERS_AGAIN = text(
    "UPDATE outbox SET sent_at = NULL, sent_partition = NULL, sent_offset = NULL"
    " WHERE topic = :topic AND sent_offset <= :offset AND event_id <> :event"
    " AND created_at > :now - :days * interval '1 day'"
)
_BLANK_LETTERS = text(
    "UPDATE dead_letter SET key = NULL, value = NULL, headers = '[]', status = 'erased',"
    " digest = sha256(convert_to('erased:' || id, 'UTF8')), settled_at = :now, settled_by = :by,"
    " erased_because = :because WHERE topic = ANY(:topics) AND status <> 'erased' AND NOT EXISTS ("
    "SELECT FROM position AS p WHERE p.topic = dead_letter.topic AND p.partition = dead_letter.partition"
    " AND p.incarnation = dead_letter.incarnation)"
)
_BLANK_COPIES = text(
    "UPDATE outbox SET key = NULL, payload = NULL, headers = '[]' WHERE topic = ANY(:copies) AND payload IS NOT NULL"
)
_EPOCHS = text("SELECT topic, partition, incarnation FROM relay_log WHERE topic = ANY(:topics)")
_RENEWAL_SECONDS, _LOOK_SECONDS = 60.0, 0.2
_IN_THIS_LOG = text(
    "SELECT EXISTS (SELECT FROM position JOIN dead_letter USING (consumer, topic, partition, incarnation)"
    " WHERE dead_letter.id = :id)"
)
# Of the headers of a copy these hold nothing that the sender wrote.
_REASONS = frozenset(
    f"khopso-dlq-{name}" for name in ("topic", "partition", "offset", "consumer", "reason", "error", "time")
)


class LogsNotRenewedError(Exception):
    """Topics could not be deleted and begun anew now; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who erases what, why, and when."""

    number: int
    by: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """The letter as it is left, and how far logs still have to forget: the first offset to be kept by partition.

    ``certain`` is False while the copy may be on its way to the log: then the erasure has to be repeated.
    """

    letter: DeadLetter
    starts: Mapping[Partition, int]
    certain: bool


async def erase(
    session: AsyncSession, settings: ServiceSettings, erasure: Erasure, topics: Mapping[str, TopicLike]
) -> Erased:
    """Blank a letter and its copy in the session's transaction; NoDeadLetterError. It may be repeated.

    ``topics`` are those that the service reads.
    """
    letter = await dead_letters.find(session, erasure.number, lock=True)
    event = await event_id_of(session, letter)
    copies = dead_letter_topic(letter.topic).name
    found = (await session.execute(_COPY, {"topic": copies, "event": event})).one_or_none()
    starts: dict[Partition, int] = {}
    if found is not None:
        row, headers, offset = found
        # Ours come last: a header of the same name before them is the sender's.
        kept = [(name, value) for name, value in dict(unpack_headers(headers)).items() if name in _REASONS]
        await session.execute(_BLANK_COPY, {"id": row, "headers": _json(pack_headers(kept))})
        if offset is not None:
            # Topics of dead letters have one partition.
            starts[copies, 0] = offset + 1
            days = settings.dead_letter_retention_days
            await session.execute(
                _SEND_OTHERS_AGAIN,
                {"topic": copies, "offset": offset, "event": event, "now": erasure.at, "days": days},
            )
    source = topics.get(letter.topic)
    # Another log may have replaced the one that held the message; there the same offset is another message.
    if source is not None and source.broker_time and await session.scalar(_IN_THIS_LOG, {"id": letter.id}):
        starts[letter.topic, letter.partition] = letter.offset + 1
    # Not the digest of its content, by which a guess of the content could be confirmed.
    digest = sha256(b"erased:%d" % letter.id).digest()
    await session.execute(
        _BLANK_LETTER,
        {"id": letter.id, "digest": digest, "now": erasure.at, "by": erasure.by, "because": erasure.because},
    )
    certain = found is None or bool(starts.get((copies, 0)))
    return Erased(await dead_letters.find(session, letter.id), starts, certain)


async def forget(settings: ServiceSettings, erased: Erased) -> bool:
    """Delete the erased messages from the logs; return False where logs keep them until their retention ends.

    It may be called again.
    """
    if clients.is_embedded(settings):
        # Its log is in memory and filled from the outboxes again at each start.
        return False
    wanted = {KafkaPartition(*at): RecordsToDelete(start) for at, start in erased.starts.items()}
    client = clients.admin(settings, "erase")
    try:
        await client.start()
        if wanted:
            await client.delete_records(wanted)
    except (KafkaError, OSError, TimeoutError) as failed:
        log.error("logs keep what was erased", number=erased.letter.id, **describe(failed))
        return False
    finally:
        await quietly(client.close(), 5)
    return erased.certain


async def erase_topics(session: AsyncSession, topics: Sequence[str], by: str, at: datetime) -> int:
    """Blank the dead letters of some topics that are of former logs, and all copies in the outbox; return how many.

    For events that were told again in another form on logs that were begun anew (`renew_logs`). A letter of such an event
    is one of the present log, and stays.
    """
    given = {"topics": list(topics), "by": by, "because": "renewed", "now": at}
    erased = await session.execute(_BLANK_LETTERS, given)
    await session.execute(_BLANK_COPIES, {"copies": copies_of(topics)})
    count: int = erased.rowcount  # type: ignore[attr-defined]
    return count


def copies_of(topics: Sequence[str]) -> list[str]:
    """Return the topics on which copies of dead letters of these topics are."""
    return [dead_letter_topic(name).name for name in topics]


async def renew_logs(work: UnitOfWork, settings: ServiceSettings, topics: Sequence[str]) -> None:
    """Delete topics that this service's relay fills, and return when it has begun them anew.

    It sends everything again that the outbox has of them, and consumers read from the beginning (ADR 5). What is on a
    topic and in no outbox is gone. May be repeated.

    Raises:
        LogsNotRenewedError: the broker is away or refuses, or the relay has not begun them within a minute.
    """
    never = asyncio.Event()
    before = await _epochs(work, topics)
    try:
        await remove(settings, topics, "renew")
        async with asyncio.timeout(_RENEWAL_SECONDS):
            # From then on the events are unsent, so that whoever waits for them waits for what is sent now.
            while any(epoch == before.get(at) for at, epoch in (await _epochs(work, topics)).items()):
                await pause(never, _LOOK_SECONDS)
    except (KafkaError, OSError, TimeoutError) as failed:
        log.error("topics cannot be begun anew", topics=list(topics), **describe(failed))
        raise LogsNotRenewedError(type(failed).__name__) from failed


async def _epochs(work: UnitOfWork, topics: Sequence[str]) -> dict[Partition, str]:
    async with work() as session:
        rows = await session.execute(_EPOCHS, {"topics": list(topics)})
        return {(topic, partition): epoch for topic, partition, epoch in rows}


def _json(value: Any) -> str:
    import orjson

    return orjson.dumps(value).decode()
