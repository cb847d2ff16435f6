"""Quick reading takes nothing that the contract's model refuses, and gives the same values of the same types."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.catalogue import ADAPTERS
from contracts.events.incidents import Fire
from contracts.topics import FACT_TOPICS
from services.chassis.kafka.delivery import Delivered, Permanent
from services.reporting.facts import messages
from services.reporting.facts.messages import MODELS, LinkVersion, read, reread
from services.reporting.facts.projections.model import Version
from services.reporting.facts.quick_reading import as_struct, quick_data, quick_event
from tests.support.examples import bad_examples, good_examples

GOOD = [(topic, event) for (topic, _), event in good_examples().items() if topic in FACT_TOPICS]
BAD = [(bad.topic, bad.event) for bad in bad_examples() if bad.topic in FACT_TOPICS]
# Amounts are exact decimals with rules that a struct cannot check.
OF_AMOUNTS = {"drug_cases", "targets", "declared"}
TYPES = {event["type"]: (topic, event) for topic, event in GOOD}

Path = tuple[Any, ...]


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Every place in a document, the document itself left out."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*above, key)
        yield from paths(inner, (*above, key))


PLACES = [(topic, event, path) for topic, event in [*GOOD, *BAD] for path in paths(event)]
# What readers of JSON differ on, beside what they agree on.
ODD_TEXTS = [
    "", " ", "1", "01", "+1", "1.0", "1_000", "-0", "true", "null", "x" * 36, "x" * 201, "é" * 200, "\U0001f600" * 101, "a\n",
    "10513@2008\n", "10513@2008 ", "١٠٥١٣@2008", "A" * 22 + "\n", "\u2028", "2023-02-29", "2024-02-29", "0000-01-01", "20230101",
    "2023-01-01T00:00:00", "2023-01-01T00:00:00Z", "2023-01-01 00:00:00z", "2023-01-01T00:00:00.1234565Z", "2023-01-01T00:00:00+0700",
    "2023-01-01T23:59:59.9999999Z", "2023-01-01T00:00:00.12345678+07:00", "2023-01-01T00:00:00.1234567+0700",
    "2023-01-01T00:00:00.12345678901Z", "2023-01-01T00:00:00.000001+07:00", "2023-01-01T00:00:60Z", "2023-01-01T24:00:00Z",
    "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "2023-01-01T00:00:00-00:00", "2023-01-01T00:00:00+23:59",
    "2023-01-01T00:00:00,5Z", "{12345678-1234-1234-1234-123456789abc}", "12345678123412341234123456789ABC",
    "urn:uuid:12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789ABC", "NaN", "Infinity", "1e5",
]  # fmt: skip
ODD_JSON = [
    "1.0", "1e0", "-0", "-0.0", "0", "2", "7", "1E400", "1e999", "123456789012345678901234567890", "9223372036854775807",
    "9223372036854775808", "2147483648", "-1", "1" * 4500, "true", "false", "null", "NaN", '"\\ud800"', '"\\u0000"', '"\\u002e"', "[]", "{}",
    '"2023-01-01T00:00:00\\u002e1234567Z"', "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300, "1672531200", '["a","a"]',
]  # fmt: skip
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ODD_TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
).map(json.dumps)
PUT = st.sampled_from([json.dumps(text) for text in ODD_TEXTS] + ODD_JSON) | ANY_JSON


def with_text(event: dict[str, Any], path: Path, text: str, *, twice: bool = False) -> bytes:
    """The event as JSON with ``text`` at a place; with ``twice`` in front of what is there, under the same name."""
    changed, hole = deepcopy(event), "<the place>"
    place = changed
    for key in path[:-1]:
        place = place[key]
    was, place[path[-1]] = place[path[-1]], hole
    again = f",{json.dumps(path[-1])}:{json.dumps(was)}" if twice and isinstance(place, dict) else ""
    return json.dumps(changed, ensure_ascii=False).replace(json.dumps(hole), text + again, 1).encode()


def agree(topic: str, value: bytes) -> bool:
    """Whether the message is read quickly. Fails where the model refuses it then, or reads something else."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        return False  # it is refused before anybody reads it
    found = document.get("type")
    quick = quick_event(topic, found if isinstance(found, str) else "", value, document)
    if quick is not None:
        equal(quick, ADAPTERS[topic].validate_json(value))
    return quick is not None


def equal(struct: Any, model: BaseModel) -> None:
    """Hold a struct against what the model has read, value by value."""
    for name in type(model).model_fields:
        ours, theirs = getattr(struct, name), getattr(model, name)
        if isinstance(theirs, BaseModel):
            equal(ours, theirs)
        elif name == "sequence":
            assert int(ours) == theirs
        else:
            assert (ours, type(ours)) == (theirs, type(theirs)), name
            if isinstance(theirs, datetime):
                assert ours.utcoffset() == theirs.utcoffset()


@given(st.sampled_from(PLACES), PUT, st.booleans())
@example(
    (*TYPES["incidents.fire.reported.v1"], ("data", "alarm_at")), '"2023-01-01T00:00:00.1234567Z"', False
)
@example(
    (*TYPES["registry.person.linked.v1"], ("data", "known_from")), '"2023-01-01T00:00:00.1234567+0700"', False
)
@example(
    (*TYPES["registry.record.registered.v1"], ("recordedtime",)), '"2023-01-01T23:59:59.9999999Z"', False
)
@example((*TYPES["registry.record.registered.v1"], ("data", "commune")), '"10513@2008\\n"', False)
@example((*TYPES["registry.record.registered.v1"], ("data", "person", "ref")), "[" * 300 + "]" * 300, True)
@example((*TYPES["treatment.detox.ended.v1"], ("data", "stages", "a")), '""', True)
@example((*TYPES["treatment.determination.concluded.v1"], ("data", "criteria_met")), "1" * 4500, True)
def test_whatever_stands_at_any_place_of_an_event_both_read_the_same(
    place: tuple[str, dict[str, Any], Path], text: str, twice: bool
) -> None:
    topic, event, path = place
    agree(topic, with_text(event, path, text, twice=twice))


@given(st.sampled_from(sorted(TYPES)), ANY_JSON)
def test_whatever_the_data_are_both_read_the_same(event_type: str, text: str) -> None:
    topic, event = TYPES[event_type]
    agree(topic, with_text(event, ("data",), text))


@given(st.sampled_from(sorted(TYPES)), st.data())
def test_whatever_byte_of_an_event_is_another_both_read_the_same(
    event_type: str, data: st.DataObject
) -> None:
    topic, event = TYPES[event_type]
    value = bytearray(orjson.dumps(event))
    value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    agree(topic, bytes(value))


@pytest.mark.parametrize("flag", ["leap_day", "number_doubted"])
@pytest.mark.parametrize("text", ["false", "true", "null", "1", "1.0", '"true"'])
def test_a_flag_that_can_only_be_true_is_never_read_as_false(flag: str, text: str) -> None:
    topic, event = deepcopy(TYPES["registry.record.registered.v1"])
    event["data"]["person"][flag] = None
    assert agree(topic, with_text(event, ("data", "person", flag), text)) == (text in ("true", "null"))


def test_what_an_event_adds_that_no_model_knows_passes_unread() -> None:
    topic, event = deepcopy(TYPES["registry.record.registered.v1"])
    event["new"], event["data"]["new"], event["data"]["person"]["new"] = [1.5], {"a": [1e300]}, "\ud7ff"
    assert agree(topic, orjson.dumps(event))


@pytest.mark.parametrize(("topic", "event"), GOOD, ids=[event["type"] for _, event in GOOD])
def test_every_good_example_is_read_quickly_and_as_its_model_reads_it(
    topic: str, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    amounts = event["data"].get("form") in OF_AMOUNTS and not event["type"].endswith("voided.v1")
    assert agree(topic, orjson.dumps(event)) == (not amounts)
    quickly = read(delivered(topic, orjson.dumps(event)))
    monkeypatch.setattr(messages, "quick_event", lambda *_: None)
    by_model = read(delivered(topic, orjson.dumps(event)))
    if isinstance(quickly, LinkVersion) or isinstance(by_model, LinkVersion):
        assert quickly == by_model
        return
    assert [getattr(quickly, name) for name in Version.__slots__] == [
        getattr(by_model, name) for name in Version.__slots__
    ]
    assert type(quickly.data) is type(by_model.data)
    if quickly.text is not None:
        model = MODELS[quickly.form].model_validate_json(quickly.text)
        assert reread(quickly.form, quickly.text) == as_struct(model) == quickly.data
        assert quick_data(MODELS[quickly.form], orjson.loads(quickly.text)) == (
            None if amounts else quickly.data
        )


def test_stored_instants_are_read_again_as_the_model_reads_them() -> None:
    _, event = deepcopy(TYPES["incidents.fire.reported.v1"])
    event["data"]["alarm_at"] = "2023-01-01T23:59:59.9999999+07:00"
    text = orjson.dumps(event["data"]).decode()
    assert reread("fires", text).alarm_at == Fire.model_validate_json(text).alarm_at


def test_what_is_refused_is_refused_in_the_words_of_the_model() -> None:
    for topic, event in BAD:
        value = orjson.dumps(event)
        try:
            ADAPTERS[topic].validate_json(value)
        except ValidationError:
            with pytest.raises(Permanent, match="against-schema"):
                read(delivered(topic, value))


def delivered(topic: str, value: bytes) -> Delivered:
    return Delivered(topic, 0, 0, None, value, {}, datetime.now(UTC), orjson.loads(value))
