"""Every consumer reads every good example of what it listens to, and puts every bad one aside."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.envelope import CONTENT_TYPE
from services.chassis.kafka.delivery import Delivered, Permanent, Undelivered, receive
from services.registry import consumers as registry
from services.reporting.facts import consumers as reporting
from services.reporting.facts.messages import read
from tests.support.examples import Bad, bad_examples, good_examples

Reader = Callable[[Delivered], Any]
AT = round(datetime(2023, 12, 31, tzinfo=UTC).timestamp() * 1000)
# What each consumer listens to and knows, and how it reads a message.
CONSUMERS: dict[str, tuple[tuple[str, ...], frozenset[str], Reader]] = {
    "registry": (registry.TOPICS, registry.KNOWN_TYPES, lambda message: registry._read_all([message])),
    "reporting": (reporting.TOPICS, reporting.KNOWN_TYPES, read),
}
HEARD = [
    (consumer, topic, name)
    for consumer, (topics, _, _) in CONSUMERS.items()
    for topic, name in good_examples()
    if topic in topics
]


def received(consumer: str, topic: str, event: dict[str, Any]) -> Delivered | Undelivered:
    headers = [("content-type", CONTENT_TYPE.encode())]
    key = str(event.get("partitionkey", "")).encode()
    return receive(topic, 0, 7, key, json.dumps(event).encode(), headers, AT, CONSUMERS[consumer][1])


def put_aside(consumer: str, bad: Bad) -> bool:
    message = received(consumer, bad.topic, bad.event)
    if isinstance(message, Undelivered):
        return True
    try:
        CONSUMERS[consumer][2](message)
    except Permanent:
        return True
    return False


@pytest.mark.parametrize(("consumer", "topic", "name"), HEARD)
def test_consumer_reads_the_good_example(consumer: str, topic: str, name: str) -> None:
    message = received(consumer, topic, good_examples()[topic, name])
    assert isinstance(message, Delivered)
    assert message.type == name
    assert CONSUMERS[consumer][2](message) is not None


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_consumer_puts_every_bad_example_aside(consumer: str) -> None:
    heard = [bad for bad in bad_examples() if bad.topic in CONSUMERS[consumer][0]]
    assert len(heard) > 500
    assert [str(bad) for bad in heard if not put_aside(consumer, bad)] == []
