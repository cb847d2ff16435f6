"""Every golden example is read; what cannot be stored or computed with is refused by name."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from contracts.topics import FACT_TOPICS
from services.chassis.kafka.delivery import Delivered, Permanent
from services.reporting.facts.messages import LinkVersion, read, reread
from services.reporting.facts.projections.model import Version
from services.reporting.facts.projections.project import project
from tests.support.examples import bad_examples, good_examples

GOOD = [(topic, event) for (topic, _), event in good_examples().items() if topic in FACT_TOPICS]
BAD = [bad for bad in bad_examples() if bad.topic in FACT_TOPICS and "contracts" in bad.refused_by]


def delivered(topic: str, event: dict[str, Any]) -> Delivered:
    return Delivered(topic, 0, 0, None, orjson.dumps(event), {}, datetime.now(UTC), event)


@pytest.mark.parametrize(("topic", "event"), GOOD, ids=[event["type"] for _, event in GOOD])
def test_every_good_example_is_read_projected_and_read_again_from_the_store(
    topic: str, event: dict[str, Any]
) -> None:
    found = read(delivered(topic, event))
    if isinstance(found, LinkVersion):
        assert found.withdrawn == event["type"].endswith(("unlinked.v1", "settled.v1"))
        return
    assert isinstance(found, Version)
    assert reread(found.form, found.text) == found.data
    rows = project([found])
    assert bool(rows) == (found.data is not None) or found.form in (
        "facilities",
        "clinicians",
        "area_classes",
        "statements",
    )


def test_every_bad_example_is_refused() -> None:
    assert BAD
    for bad in BAD:
        with pytest.raises(Permanent):
            read(delivered(bad.topic, bad.event))


def example(event_type: str) -> tuple[str, dict[str, Any]]:
    return next(
        (topic, json.loads(json.dumps(event))) for topic, event in GOOD if event["type"] == event_type
    )


@pytest.mark.parametrize(
    ("event_type", "change", "reason"),
    [
        ("registry.record.registered.v1", {"data.status": "cured"}, "against-schema"),
        ("registry.record.registered.v1", {"subject": "not an id"}, "subject-not-an-id"),
        ("registry.record.registered.v1", {"recordedtime": "0001-01-01T00:00:00Z"}, "instant-out-of-range"),
        ("registry.record.registered.v1", {"unit": "a\x00b"}, "nul-character"),
        ("registry.record.voided.v1", {"data.form": "unheard_of"}, "unknown-form"),
        ("incidents.drug_case.detected.v1", {"data.seized_grams": "1e999999"}, "number-out-of-range"),
        ("incidents.drug_case.detected.v1", {"data.seized_grams": "1e-999999"}, "number-out-of-range"),
        ("treatment.target.assigned.v1", {"data.value": "1e400"}, "number-out-of-range"),
    ],
)
def test_a_message_that_nothing_can_be_done_with_is_refused_by_name(
    event_type: str, change: dict[str, Any], reason: str
) -> None:
    topic, event = example(event_type)
    for path, value in change.items():
        *parents, last = path.split(".")
        place = event
        for parent in parents:
            place = place[parent]
        place[last] = value
    message = delivered(topic, event)
    with pytest.raises(Permanent) as refused:
        read(message)
    assert (refused.value.reason, refused.value.delivered) == (reason, message)
