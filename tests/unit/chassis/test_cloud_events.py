"""Every event that the maker of CloudEvents makes is one that its readers take, attribute by attribute."""

import json
from typing import Any

import pytest

from contracts.catalogue import EVENT_TYPES, parse_event
from services.chassis.persistence import About, Origin, outbox_event
from tests.support.examples import good_examples

EXAMPLES = {key: example for key, example in good_examples().items() if key[1] in EVENT_TYPES}


@pytest.mark.parametrize(("topic", "name"), sorted(EXAMPLES))
def test_an_event_made_anew_is_read_as_the_example_that_it_was_made_of(topic: str, name: str) -> None:
    told: Any = parse_event(topic, json.dumps(EXAMPLES[topic, name]).encode())
    made = outbox_event(
        told.type,
        told.data,
        About(told.subject, told.partitionkey, told.unit, told.area),
        Origin("some-service", told.correlationid, told.causationid, told.traceparent),
        event_id=told.id,
        sequence=told.sequence,
        at=told.time,
        on=told.occurredon,
        recorded_at=told.recordedtime,
    )
    assert (made.topic, made.key, made.subject) == (topic, told.partitionkey, told.subject)
    again = parse_event(topic, made.payload or b"")
    classification = EVENT_TYPES[told.type].classification
    expected = {"source": "urn:khopso:some-service", "dataclassification": classification}
    assert again.model_dump() == told.model_dump() | expected
