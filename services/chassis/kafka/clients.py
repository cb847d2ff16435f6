"""Kafka clients. Only this module sets options of Kafka; the reason is next to each.

Two flavours: ``kafka`` is Apache Kafka; ``embedded`` is the in-memory broker of the small stack, which accepts no
idempotent producer, forms groups slowly, does not wake a waiting fetch and creates any topic that a client names.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, UnknownError
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.chassis.runtime import ServiceSettings

# How long (ms) the broker may delay the answer to a fetch while there are no records. Apache Kafka answers as soon as one
# comes. The embedded broker looks for records only from time to time (measured: after half of the time), so its fetches
# are short; `pacing` keeps them few while no records come.
_FETCH_WAIT_MS = {"embedded": 15, "kafka": 250}
DEAD_LETTER_DAYS = 30
_DAY_MS = 86_400_000
_SASL = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


class TopicLike(Protocol):
    """The attributes of a topic that are needed to create it; `contracts.topics.Topic` and `TopicSpec` have them."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def retention_ms(self) -> int: ...
    @property
    def broker_time(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic that the chassis itself defines, such as the topic of another topic's dead letters."""

    name: str
    partitions: int = 1
    retention_ms: int = -1
    broker_time: bool = False


def dead_letter_topic(topic: str, days: int = DEAD_LETTER_DAYS) -> TopicSpec:
    """Return the topic for messages of a topic that cannot be applied: one partition, records kept for ``days`` days.

    By a sender's mistake it may contain anything, also names of persons, so it must not be kept for ever. The dead letters
    themselves stay in the database until they are erased.
    """
    return TopicSpec(f"{topic}.dlq", retention_ms=days * _DAY_MS)


def is_embedded(settings: ServiceSettings) -> bool:
    """Return whether the broker is the embedded one."""
    return settings.kafka_flavour == "embedded"


def producer(settings: ServiceSettings, role: str) -> AIOKafkaProducer:
    """Return the relay's producer, not started."""
    return AIOKafkaProducer(
        **_common(settings, role),
        acks="all",  # acknowledged means on every in-sync replica; the default (leader only) loses on fail-over
        enable_idempotence=not is_embedded(settings),  # retries inside the client leave no duplicates
        linger_ms=0,  # the relay batches by itself, per partition
        max_batch_size=min(
            settings.kafka_max_message_bytes, 524_288
        ),  # one batch is all or nothing and in order
        max_request_size=settings.kafka_max_message_bytes
        + 65_536,  # a dead letter is its message plus headers
        request_timeout_ms=round(settings.kafka_request_timeout_seconds * 1000),
    )


def admin(settings: ServiceSettings, role: str) -> AIOKafkaAdminClient:
    """Return a client that creates topics, not started."""
    return AIOKafkaAdminClient(
        **_common(settings, role), request_timeout_ms=round(settings.kafka_request_timeout_seconds * 1000)
    )


def topic_configs(settings: ServiceSettings, topic: TopicLike) -> Mapping[str, str]:
    """Return the broker-side options of a topic."""
    return {
        "retention.ms": str(topic.retention_ms),
        "retention.bytes": "-1",
        "cleanup.policy": "delete",  # every event counts: compaction would drop the history of a record
        "max.message.bytes": str(settings.kafka_max_message_bytes + 65_536),
        # Our own records carry when the event was accepted; what strangers write is stamped by the broker's clock.
        "message.timestamp.type": "LogAppendTime" if topic.broker_time else "CreateTime",
        # Bytes go with their whole segment: a topic that must forget begins a new one every day.
        **({"segment.ms": str(_DAY_MS)} if topic.retention_ms >= 0 else {}),
    }


def log_reader(
    settings: ServiceSettings, role: str, fetch_bytes: int
) -> tuple[AIOKafkaConsumer, AIOKafkaClient]:
    """Return a consumer without group that reads the first record of partitions, and a client for metadata; not started."""
    consumer = AIOKafkaConsumer(
        **_common(settings, role),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=_FETCH_WAIT_MS["embedded"],  # answers at once: no new records are awaited
        max_partition_fetch_bytes=fetch_bytes,
        request_timeout_ms=round(settings.kafka_request_timeout_seconds * 1000),
    )
    return consumer, AIOKafkaClient(**_common(settings, role))


def fetching(settings: ServiceSettings) -> dict[str, Any]:
    """Return how a subscriber fetches records."""
    return {
        "fetch_max_wait_ms": _FETCH_WAIT_MS[settings.kafka_flavour],
        "max_partition_fetch_bytes": max(1_048_576, settings.kafka_max_message_bytes + 131_072),
        "auto_offset_reset": "earliest",  # never skip; where to start is decided by the positions and a seek
        "isolation_level": "read_uncommitted",  # no transactions are used
    }


def group(settings: ServiceSettings, consumer: str) -> dict[str, Any]:
    """Return the options by which subscribers of one consumer in several processes share partitions (Apache Kafka only)."""
    return {
        # A group of its own per consumer: in a shared one every rebalance would stop all subscribers.
        "group_id": consumer,
        "session_timeout_ms": round(settings.kafka_session_timeout_seconds * 1000),
        # Three heartbeats fit into a session, as Kafka advises: one that is lost does not cost the partitions.
        "heartbeat_interval_ms": round(settings.kafka_session_timeout_seconds * 300),
        # Revocation waits for the batch in flight, so members need the drain time to rejoin.
        "rebalance_timeout_ms": round((settings.drain_seconds + 5) * 1000),
        "max_poll_interval_ms": 600_000,  # a database outage holds a batch; being evicted meanwhile is harmless
    }


def is_passing(error: BaseException) -> bool:
    """Return whether a client's error may pass by itself: broker not reachable, leader moving, answer late."""
    if isinstance(error, KafkaError):
        # The embedded broker answers "unknown" for a topic that is just being made.
        return bool(error.retriable or error.invalid_metadata) or isinstance(error, UnknownError)
    return isinstance(error, (OSError, TimeoutError))


def security(settings: ServiceSettings) -> BaseSecurity:
    """Return the security of connections to the broker: with or without TLS, with or without user name and password."""
    context = None
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        # Without a CA file the certificates that the machine trusts are used. The broker's host name is always checked.
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_username is None or settings.kafka_password is None:
        return BaseSecurity(ssl_context=context)
    password = settings.kafka_password.get_secret_value()
    return _SASL[settings.kafka_sasl_mechanism](settings.kafka_username, password, ssl_context=context)


def _common(settings: ServiceSettings, role: str) -> dict[str, Any]:
    return address(settings, role) | parse_security(security(settings))


def address(settings: ServiceSettings, role: str) -> dict[str, Any]:
    """Return where the broker is and how this client names itself there."""
    return {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "client_id": f"khopso-{settings.service}-{role}",
        "metadata_max_age_ms": 30_000,  # new partitions and moved leaders are seen within half a minute
    }
