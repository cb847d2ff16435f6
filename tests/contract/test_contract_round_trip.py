"""Whatever a model can hold survives the wire unchanged, satisfies its published schema and pleases the SDK."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.envelope import schema_uri, wire
from contracts.generators.schemas import event_schemas
from tests.support import judges
from tests.support.event_strategies import events
from tests.support.examples import good_examples

MODELS = {event_type.model: name for name, event_type in EVENT_TYPES.items()}
SCHEMAS = event_schemas()


@pytest.mark.parametrize("name", sorted(MODELS.values()))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_any_event_survives_the_wire(name: str, draw: st.DataObject) -> None:
    event_type = EVENT_TYPES[name]
    event = draw.draw(events(event_type.model, name)).model_copy(
        update={"specversion": "1.0", "dataschema": schema_uri(name)}
    )
    payload = wire(event)
    assert parse_event(event_type.topic, payload) == event
    assert wire(parse_event(event_type.topic, payload)) == payload
    assert judges.json_schema(SCHEMAS[name], json.loads(payload)) is None
    assert judges.cloudevents_python(json.loads(payload)) is None


@pytest.mark.parametrize(("topic", "name"), [key for key in sorted(good_examples()) if key[1] in EVENT_TYPES])
def test_what_a_later_version_adds_passes_unread(topic: str, name: str) -> None:
    known = good_examples()[topic, name]
    later = {**known, "tracestate": "sample", "data": {**known["data"], "added_later": {"x": [1]}}}
    assert parse_event(topic, json.dumps(later).encode()) == parse_event(topic, json.dumps(known).encode())
    assert judges.json_schema(SCHEMAS[name], later) is None
