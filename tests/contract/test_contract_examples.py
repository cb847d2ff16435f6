"""Golden examples: the contracts read every good one and refuse every bad one, and so do outside judges."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.envelope import Envelope, wire
from contracts.events.submissions import Submission
from tests.support import judges
from tests.support.examples import Bad, bad_examples, good_examples
from tools.generators.schemas import SUBMISSION_TYPE, event_schemas

JUDGES = {"contracts", "json-schema", "cloudevents-python", "cloudevents-js"}
GOOD = good_examples()
BAD = bad_examples()
SCHEMAS = event_schemas()


def parsed(topic: str, event: dict[str, Any]) -> Envelope | Submission:
    payload = json.dumps(event).encode()
    return Submission.model_validate_json(payload) if topic == "submissions" else parse_event(topic, payload)


def test_every_event_type_has_one_good_and_several_bad_examples() -> None:
    expected = {(event_type.topic, name) for name, event_type in EVENT_TYPES.items()}
    expected.add(("submissions", SUBMISSION_TYPE))
    assert set(GOOD) == expected
    for topic, name in expected:
        refusals = [bad.refused_by for bad in BAD if (bad.topic, bad.type) == (topic, name)]
        assert len(refusals) >= 9, name
        assert {judge for judges_of_one in refusals for judge in judges_of_one} == JUDGES, name
        assert all("contracts" in judges_of_one for judges_of_one in refusals), name


@pytest.mark.parametrize(("topic", "name"), sorted(GOOD))
def test_good_example_is_read_and_written_back_unchanged(topic: str, name: str) -> None:
    example = GOOD[topic, name]
    event = parsed(topic, example)
    assert event.type == name
    if isinstance(event, Envelope):
        assert parse_event(topic, wire(event)) == event
        assert event.dataclassification == EVENT_TYPES[name].classification


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_bad_example_is_refused_by_the_contracts(bad: Bad) -> None:
    with pytest.raises(ValidationError):
        parsed(bad.topic, bad.event)


def test_what_is_not_json_or_not_an_event_is_refused() -> None:
    for payload in (b"", b"null", b"[]", b"{", b"\xff\xfe", b'"text"', b"{}"):
        with pytest.raises(ValidationError):
            parse_event("registry.records", payload)


@pytest.mark.parametrize(("topic", "name"), sorted(GOOD))
def test_good_example_satisfies_its_published_schema(topic: str, name: str) -> None:
    assert judges.json_schema(SCHEMAS[name], GOOD[topic, name]) is None


def test_published_schemas_refuse_the_bad_examples_that_name_them() -> None:
    accepted = [
        str(bad)
        for bad in BAD
        if "json-schema" in bad.refused_by and judges.json_schema(SCHEMAS[bad.type], bad.event) is None
    ]
    assert accepted == []


def test_python_sdk_accepts_every_good_example() -> None:
    refused = {name: judges.cloudevents_python(event) for (_, name), event in GOOD.items()}
    assert {name: why for name, why in refused.items() if why is not None} == {}


def test_python_sdk_refuses_the_bad_examples_that_name_it() -> None:
    named = [bad for bad in BAD if "cloudevents-python" in bad.refused_by]
    assert [str(bad) for bad in named if judges.cloudevents_python(bad.event) is None] == []


def test_javascript_sdk_accepts_every_good_example() -> None:
    verdicts = judges.cloudevents_js(list(GOOD.values()))
    assert dict(zip(GOOD, verdicts, strict=True)) == dict.fromkeys(GOOD)


def test_javascript_sdk_refuses_the_bad_examples_that_name_it() -> None:
    named = [bad for bad in BAD if "cloudevents-js" in bad.refused_by]
    verdicts = judges.cloudevents_js([bad.event for bad in named])
    assert [str(bad) for bad, verdict in zip(named, verdicts, strict=True) if verdict is None] == []


def test_sdk_reads_from_a_message_what_the_contracts_wrote() -> None:
    for (topic, name), example in GOOD.items():
        if topic == "submissions":
            continue
        event = parse_event(topic, json.dumps(example).encode())
        seen = judges.sdk_event(wire(event))
        assert seen.get_type() == name
        assert seen.get_id() == str(event.id)
        assert seen.get_time() == event.time
        assert seen.get_extension("sequence") == str(event.sequence)
        assert seen.get_data() == json.loads(wire(event))["data"]
