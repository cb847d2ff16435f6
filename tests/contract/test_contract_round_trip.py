"""Whatever a model can hold survives the wire unchanged, satisfies its published schema and pleases the SDK."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.envelope import schema_uri, wire
from tests.support import judges
from tests.support.event_strategies import events
from tests.support.examples import good_examples
from tools.generators.schemas import event_schemas

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


@settings(deadline=None)
@given(number=st.decimals(Decimal(-(10**12)), Decimal(10**12), allow_nan=False, allow_infinity=False))
@example(number=Decimal("1E+2"))
@example(number=Decimal("1E-9"))
@example(number=Decimal("-0.00"))
def test_a_number_travels_as_plain_digits(number: Decimal) -> None:
    known = good_examples()["reporting.declarations", "reporting.figure.declared.v1"]
    told = {**known, "data": {**known["data"], "value": str(number)}}
    event = parse_event("reporting.declarations", json.dumps(told).encode())
    written = json.loads(wire(event))
    assert Decimal(written["data"]["value"]) == number
    assert set(written["data"]["value"]) <= set("-.0123456789")
    assert judges.json_schema(SCHEMAS[event.type], written) is None
