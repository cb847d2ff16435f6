"""Rebalances, zombies, duplicates and poison in the stream: it goes on, and the figures are the undisturbed ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import orjson
import pytest

from contracts.topics import FACT_TOPICS
from tests.failure.trial import Trial
from tests.support.stack.log import Record, put, read
from tests.support.stack.parts import Part, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@contextmanager
def another_reporting_consumer(trial: Trial, name: str) -> Iterator[Part]:
    """A second member of reporting's consumer group, while the block lasts."""
    part = trial.province.make_part("reporting", "consume", name)
    trial.province.parts["reporting", name] = part
    try:
        yield part
    finally:
        part.end()
        del trial.province.parts["reporting", name]


def applied_beyond(trial: Trial, service: str, offsets: list[tuple[str, int, int]]) -> bool:
    """Whether a service has applied (or put aside) everything up to these offsets."""
    applied = trial.province.progress(service)["applied"]
    return all(applied.get(topic, {}).get(str(partition), 0) > offset for topic, partition, offset in offsets)


def test_a_rebalance_in_mid_batch_applies_every_event_once(trial: Trial) -> None:
    rng = trial.random("rebalance")
    with another_reporting_consumer(trial, "second") as second:
        second.start()
        trial.hand_in_next(rng=rng)
        wait_for(second.ready, 120, "second consumer ready")
        leave, back = sorted(rng.sample(range(trial.batches()), 2))
        trial.hand_in_next({leave: second.end, back: second.start}, rng=rng)
        wait_for(second.ready, 120, "second consumer ready again")
        trial.hand_in_next({rng.randrange(trial.batches()): second.kill}, rng=rng)
        trial.check()


def test_a_zombie_consumer_that_wakes_up_is_fenced(trial: Trial) -> None:
    rng = trial.random("zombie")
    first = trial.province.part("reporting", "consume")
    with another_reporting_consumer(trial, "heir") as heir:
        heir.start()
        wait_for(heir.ready, 120, "second consumer ready")
        try:
            trial.hand_in_next({rng.randrange(trial.batches()): first.process.suspend}, rng=rng)
            # Settled by the heir alone: the session of the frozen one has run out and its partitions have moved.
            trial.province.settled()
            # It wakes up with a batch in its hands, in the middle of the next hand-in.
            trial.hand_in_next({rng.randrange(trial.batches()): first.process.resume}, rng=rng)
        finally:
            first.process.resume()
        trial.check()
    trial.hand_in_next(rng=rng)
    trial.check()


def test_duplicates_in_any_order_change_nothing(trial: Trial) -> None:
    rng = trial.random("duplicates")
    trial.province.settled()
    log = read(trial.province.broker.bootstrap, FACT_TOPICS)
    again = rng.choices(log, k=400)
    went = put(trial.province.broker.bootstrap, again)
    trial.hand_in_next(rng=rng)
    wait_for(lambda: applied_beyond(trial, "reporting", went), 120, "duplicates applied")
    trial.check()


# Faults of one message, and the reason that its dead letter must give.
POISON = {
    "bad JSON": "bad-json",
    "no object": "not-an-object",
    "no type": "no-type",
    "unknown type": "unknown-type",
    "future version": "future-version",
    "unreadable header": "unreadable-header",
    "null body": "null-body",
    "rule broken": "against-schema",
    "NUL in text": "nul-character",
}


def poisoned(fault: str, good: Record, rng: Random) -> Record:
    """A record that no consumer can apply, made from one that all could."""
    value, headers = good.value or b"", good.headers
    event = orjson.loads(value)
    if fault == "bad JSON":
        return Record(good.topic, value[: rng.randrange(1, len(value) - 1)], good.key, headers)
    if fault == "no object":
        return Record(good.topic, b"[1, 2, 3]", good.key, headers)
    if fault == "null body":
        return Record(good.topic, None, good.key, headers)
    if fault == "unreadable header":
        return Record(good.topic, value, good.key, (*headers, ("trace", b"\xff\xfe")))
    if fault == "no type":
        del event["type"]
    elif fault == "unknown type":
        event["type"] = "incidents.fire.forgotten.v1"
    elif fault == "future version":
        event["type"] = event["type"].removesuffix("v1") + "v7"
    elif fault == "rule broken":
        event["data"] = {**event["data"], "deaths": -1}
    elif fault == "NUL in text":
        event["subject"] = "nul \x00 in text"
    return Record(good.topic, orjson.dumps(event), good.key, headers)


def test_poison_goes_to_the_dead_letters_with_its_reason_and_the_stream_goes_on(trial: Trial) -> None:
    rng = trial.random("poison")
    trial.province.settled()
    bootstrap = trial.province.broker.bootstrap
    good = [r for r in read(bootstrap, ["incidents.fires"]) if b"incidents.fire.reported" in (r.value or b"")]
    bad = {fault: poisoned(fault, rng.choice(good), rng) for fault in POISON}
    went = put(bootstrap, bad.values())
    trial.hand_in_next(rng=rng)
    wait_for(lambda: applied_beyond(trial, "reporting", went), 120, "poison put aside")
    listed = trial.province.get("reporting", "/v1/dlq", {"topic": "incidents.fires", "limit": "1000"})
    letters = {(each["partition"], each["offset"]): each for each in listed["dead_letters"]}
    for fault, (_, partition, offset) in zip(bad, went, strict=True):
        letter = letters[partition, offset]
        assert (letter["reason"], letter["status"]) == (POISON[fault], "waiting"), fault
    trial.check()
    kept = wait_for(
        lambda: on_dead_letter_topic(trial, "incidents.fires", len(bad)), 120, "dead letters on their topic"
    )
    assert {record.value for record in bad.values()} <= {record.value for record in kept}


def on_dead_letter_topic(trial: Trial, topic: str, wanted: int) -> list[Record] | None:
    """The records of a dead-letter topic, its marker left out, once there are enough."""
    found = [
        r
        for r in read(trial.province.broker.bootstrap, [f"{topic}.dlq"])
        if b"khopso.log.started" not in (r.value or b"")
    ]
    return found if len(found) >= wanted else None
