"""TODO"""

from services.chassis.kafka import circuit_breaker, dead_letters
from services.chassis.kafka.backlog import measure_until
from services.chassis.kafka.clients import TopicLike, dead_letter_topic
from services.chassis.kafka.consuming import BatchConsumer
from services.chassis.kafka.dead_letters import Applies, DeadLetter
from services.chassis.kafka.delivery import Delivered, Handler, Permanent, Retryable
from services.chassis.kafka.positions import StalePosition
from services.chassis.kafka.progress import Progress, Retired, read_progress
from services.chassis.kafka.relay import Relay

__all__ = [
    "Applies",
    "BatchConsumer",
    "DeadLetter",
    "Delivered",
    "Handler",
    "Permanent",
    "Progress",
    "Relay",
    "Retired",
    "Retryable",
    "StalePosition",
    "TopicLike",
    "circuit_breaker",
    "dead_letter_topic",
    "dead_letters",
    "measure_until",
    "read_progress",
]
