"""Kafka: the relay that fills topics from the outbox, and consumers that apply topics from positions in the database.

A service declares what it consumes with `Consumer` and a subscriber of FastStream::

    async def learn_persons(batch: Batch, session: Session) -> None: ...

    Consumer(platform, "registry-person-index", topics, learn_persons, known_types=…)

The subscriber runs inside a transaction that it never commits. It may raise `Retryable`, `Waiting` or `Permanent`.
"""

from services.chassis.kafka import circuit_breaker, dead_letters, erasing, standing
from services.chassis.kafka.backlog import measure_until
from services.chassis.kafka.clients import TopicLike, dead_letter_topic
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.dead_letters import Applies, DeadLetter
from services.chassis.kafka.delivery import Delivered, Permanent, Retryable, Undelivered, Waiting
from services.chassis.kafka.positions import StalePosition
from services.chassis.kafka.progress import Currency, Progress, Retired, read_currency, read_progress
from services.chassis.kafka.relay import Relay
from services.chassis.kafka.service_state import (
    ConsumerWork,
    OutboxState,
    ServiceState,
    Working,
    read_state,
)
from services.chassis.kafka.service_state import (
    Waiting as WaitingLetters,
)
from services.chassis.kafka.standing import Trouble
from services.chassis.kafka.subscribing import Batch, Handler, Message, Session
from services.chassis.kafka.watching import ConsumersWatch

__all__ = [
    "Applies",
    "Batch",
    "Consumer",
    "ConsumerWork",
    "ConsumersWatch",
    "Currency",
    "DeadLetter",
    "Delivered",
    "Handler",
    "Message",
    "OutboxState",
    "Permanent",
    "Progress",
    "Relay",
    "Retired",
    "Retryable",
    "ServiceState",
    "Session",
    "StalePosition",
    "TopicLike",
    "Trouble",
    "Undelivered",
    "Waiting",
    "WaitingLetters",
    "Working",
    "circuit_breaker",
    "dead_letter_topic",
    "dead_letters",
    "erasing",
    "measure_until",
    "read_currency",
    "read_progress",
    "read_state",
    "standing",
]
