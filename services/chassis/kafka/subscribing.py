"""FastStream: the broker of a consumer with its middlewares, and the subscriber on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from functools import partial
from typing import Annotated, Any, Protocol

from aiokafka import ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from faststream import AckPolicy, Context
from faststream.kafka import KafkaBroker
from faststream.kafka import TopicPartition as DeclaredPartition
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.opentelemetry.provider import (
    BatchKafkaTelemetrySettingsProvider,
    KafkaTelemetrySettingsProvider,
)
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from faststream.opentelemetry import TelemetryMiddleware
from faststream.params import NoCast
from opentelemetry.semconv.trace import SpanAttributes

from services.chassis.kafka import clients
from services.chassis.kafka.delivery import Delivered
from services.chassis.kafka.middleware import SESSION, Deliver, DeliveryMiddleware, Records
from services.chassis.kafka.pacing import POLL_MS
from services.chassis.kafka.positions import Partition
from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform

Batch = NoCast[list[Delivered]]
"""Annotates the messages of a batch subscriber, all of one transaction."""
Message = NoCast[Delivered]
"""Annotates the message of a subscriber that takes one at a time."""
Session = Annotated[AsyncSession, Context(SESSION)]
"""Annotates the session of the transaction that a subscriber runs in; it never commits."""
Handler = Callable[[Any, AsyncSession], Awaitable[None]]
"""``async def subscriber(batch: Batch, session: Session)``, or with ``message: Message`` for one at a time."""

_TRACEPARENT = "traceparent"
_quiet = logging.getLogger("faststream")


class Owner(Protocol):
    """The owner of a subscriber's partitions: it is told which partitions the group gives and takes away."""

    async def revoked(self, partitions: Iterable[Partition]) -> None: ...
    async def assigned(self, partitions: Iterable[Partition]) -> None: ...


def broker_of(platform: Platform, consumer: str, deliver: Deliver) -> KafkaBroker:
    """Return the broker of a consumer, not started: traced if tracing is on, measured, under the delivery rules."""
    settings, metrics, tracing = platform.settings, platform.metrics, platform.tracing
    traced = [
        TelemetryMiddleware(settings_provider_factory=_span_attributes, tracer_provider=tracing.provider)
    ]
    return KafkaBroker(
        **clients.address(settings, consumer),
        security=clients.security(settings),
        consumer_only=True,  # publishing is the relay's, from the outbox
        allow_auto_create_topics=False,  # a misspelt topic must not appear with one partition
        graceful_timeout=settings.drain_seconds,
        parser=_parse_traced if tracing.on else _parse,
        decoder=_decode,
        middlewares=[
            *(traced if tracing.on else ()),
            KafkaPrometheusMiddleware(
                registry=metrics.registry, app_name=settings.service, custom_labels={"consumer": consumer}
            ),
            partial(DeliveryMiddleware, deliver=deliver),
        ],
        logger=_quiet,
    )


def subscribe(
    broker: KafkaBroker,
    platform: Platform,
    consumer: str,
    partitions: Collection[Partition],
    handler: Handler,
    owner: Owner,
    max_records: int | None,
) -> Any:
    """Declare a subscriber of these partitions and return it, not started.

    Apache Kafka's group shares their topics out among the processes. On the embedded broker all of them are assigned
    by hand. Without ``max_records`` the subscriber takes one message at a time.
    """
    polling: dict[str, Any] = (
        {}
        if max_records is None
        else {"batch": True, "max_records": max_records, "batch_timeout_ms": POLL_MS}
    )
    embedded = clients.is_embedded(platform.settings)
    subscriber = broker.subscriber(
        *(() if embedded else sorted({topic for topic, _ in partitions})),
        partitions=[DeclaredPartition(*at) for at in sorted(partitions)] if embedded else (),
        **({} if embedded else clients.group(platform.settings, consumer) | {"listener": _Rebalanced(owner)}),
        **clients.fetching(platform.settings),
        **polling,
        ack_policy=AckPolicy.MANUAL,  # nothing is ever acknowledged to the broker: positions are in the database
        no_reply=True,  # a reply_to header must not make us publish
    )
    subscriber(handler)
    return subscriber


async def stop(broker: KafkaBroker, drain_seconds: float) -> None:
    """Wait up to the drain time for the present batch, then close; an unreachable broker does not delay it further."""
    try:
        await asyncio.wait_for(broker.stop(), drain_seconds + 3)
    except (KafkaError, OSError, TimeoutError):
        return


class _Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]
    """Passes the group's decisions to the owner; aiokafka waits for it before it continues."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    async def on_partitions_revoked(self, revoked: Iterable[KafkaPartition]) -> None:
        await self._owner.revoked([(at.topic, at.partition) for at in revoked])

    async def on_partitions_assigned(self, assigned: Iterable[KafkaPartition]) -> None:
        await self._owner.assigned([(at.topic, at.partition) for at in assigned])


async def _parse(received: Any) -> KafkaAckableMessage:
    """Wrap fetched records unchanged for FastStream.
    FastStream's own parser raises on a header that is null or not UTF-8, and the next poll would go on behind the
    message. Whether a message can be delivered is decided later, one by one (`delivery.receive`).
    """
    single = isinstance(received, ConsumerRecord)
    records: Records = (received,) if single else tuple(received)
    first, last = records[0], records[-1]
    # The consumer is a fake one, because nothing is ever acknowledged to the broker through a message.
    return KafkaAckableMessage(
        raw_message=received if single else records,
        body=(received.value or b"") if single else [record.value or b"" for record in records],
        message_id=f"{first.topic}/{first.partition}/{first.offset}-{last.offset}",
        consumer=FAKE_CONSUMER,
    )


async def _parse_traced(received: Any) -> KafkaAckableMessage:
    """Wrap records, and show FastStream's tracing the traces that they belong to."""
    message = await _parse(received)
    records = (received,) if isinstance(received, ConsumerRecord) else received
    parents = _traceparents(records)
    if len({_trace_of(parent) for parent in parents}) == 1:
        # The span of the poll goes on with this trace, also where several of its spans sent the records: a poll that is
        # late finds an event and what another service made of it together.
        message.headers = {_TRACEPARENT: parents[0]}
    else:
        # The span begins a trace of its own, with links to the others; FastStream wants a correlation id for each.
        message.batch_headers = [{_TRACEPARENT: parent, "correlation_id": parent} for parent in parents]
    return message


async def _decode(message: Any) -> Any:
    """Return the body, in which the delivery middleware has stored the messages for the subscriber."""
    return message.body


def _traceparents(records: Records) -> list[str]:
    """Return the distinct traceparent headers of the records, in order of appearance."""
    found = (value for record in records for name, value in record.headers if name == _TRACEPARENT and value)
    # A stranger may write any bytes here, and an error in the parser would lose the whole poll.
    return [value.decode("ascii", "replace") for value in dict.fromkeys(found)]


def _trace_of(traceparent: str) -> str:
    """Return the trace that a traceparent (version-trace-parent-flags) belongs to; a malformed one stands for itself."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) > 1 else traceparent


def _span_attributes(received: Any) -> Any:
    single = received is None or isinstance(received, ConsumerRecord)
    return _MessageAttributes() if single else BatchKafkaTelemetrySettingsProvider()


class _MessageAttributes(KafkaTelemetrySettingsProvider):
    """Trace attributes of messages without the key: senders choose it, and no value of a message may be in a trace."""

    def get_consume_attrs_from_message(self, msg: Any) -> dict[str, Any]:
        attributes = super().get_consume_attrs_from_message(msg)
        attributes.pop(SpanAttributes.MESSAGING_KAFKA_MESSAGE_KEY, None)
        return attributes
