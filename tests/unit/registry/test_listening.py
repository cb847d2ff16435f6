"""The person index listens: every event about a person reaches it as what it says about a record."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest

from contracts.topics import TOPICS
from services.chassis.kafka.consuming import Consumer
from services.chassis.runtime.ids import uuid7
from services.registry import consumers
from services.registry.index import Cause, Sighting
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.plan import LinkChange
from services.registry.index.messages import link_event
from tests.support.examples import bad_examples, good_examples
from tests.support.heard import hearing
from tests.support.platform import platform_for

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


class Index:
    """The use case of the index, remembering what it was told."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.causes: list[Cause] = []

    async def learn(
        self, session: object, sightings: list[Sighting], causes: dict[object, Cause], new_id: object
    ) -> None:
        self.sightings += sightings
        self.causes += causes.values()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    made = Index()
    monkeypatch.setattr(consumers, "learn", made.learn)
    return made


@pytest.fixture
def consumer() -> Consumer:
    platform = platform_for("postgresql://u:p@127.0.0.1:1/db", service="registry")
    topics = [TOPICS[name] for name in consumers.TOPICS]
    handler = consumers.person_index(uuid7)
    return Consumer(platform, consumers.CONSUMER, topics, handler, known_types=consumers.KNOWN_TYPES)


async def test_every_good_example_becomes_a_sighting_with_its_cause(index: Index, consumer: Consumer) -> None:
    heard = [(topic, event) for (topic, _), event in good_examples().items() if topic in consumers.TOPICS]
    async with hearing(consumer) as hears:
        for topic, event in heard:
            await hears.log.publish(json.dumps(event | {"traceparent": TRACE}).encode(), topic)
        assert hears.refused == []
    assert [str(one.observation.record_id) for one in index.sightings] == [
        event["subject"] for _, event in heard
    ]
    assert [(str(one.event_id), one.correlation_id) for one in index.causes] == [
        (event["id"], event["correlationid"]) for _, event in heard
    ]
    assert {one.traceparent for one in index.causes} == {TRACE}


async def test_every_bad_example_is_put_aside(index: Index, consumer: Consumer) -> None:
    bad = [example for example in bad_examples() if example.topic in consumers.TOPICS]
    async with hearing(consumer) as hears:
        for example in bad:
            await hears.log.publish(json.dumps(example.event).encode(), example.topic)
        assert len(hears.refused) == len(bad) > 100
    assert index.sightings == []


def test_a_link_goes_on_with_the_trace_of_the_event_that_made_it() -> None:
    at = datetime(2023, 12, 14, tzinfo=UTC)
    change = LinkChange("linked", Edge(uuid4(), uuid4(), "national_id", 0, at, None), 1)
    for trace in (TRACE, None):
        event = link_event(change, Cause(uuid4(), "c-1", trace), uuid7)
        assert event.traceparent == trace
        assert orjson.loads(event.payload or b"").get("traceparent") == trace
