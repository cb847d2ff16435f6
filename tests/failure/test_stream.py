"""Rebalances, zombies, duplicates and poison in the stream: it goes on, and the figures are the undisturbed ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import orjson
import pytest

from contracts.topics import FACT_TOPICS
from tests.failure.log import Record, put, read
from tests.failure.parts import Part, wait_for
from tests.failure.trial import Trial

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
        wait_for(second.ready, 60, "second consumer ready")
        leave, back = sorted(rng.sample(range(trial.batches()), 2))
        trial.hand_in_next({leave: second.end, back: second.start}, rng=rng)
        wait_for(second.ready, 60, "second consumer ready again")
        trial.hand_in_next({rng.randrange(trial.batches()): second.kill}, rng=rng)
        trial.check()


def test_a_zombie_consumer_that_wakes_up_is_fenced(trial: Trial) -> None:
    rng = trial.random("zombie")
    first = trial.province.part("reporting", "consume")
    with another_reporting_consumer(trial, "heir") as heir:
        heir.start()
        wait_for(heir.ready, 60, "second consumer ready")
        trial.hand_in_next({rng.randrange(trial.batches()): first.process.suspend}, rng=rng)
        # Settled by the heir alone: the session of the frozen one has run out and its partitions have moved.
        trial.province.settled()
        # It wakes up with a batch in its hands, in the middle of the next hand-in.
        trial.hand_in_next({rng.randrange(trial.batches()): first.process.resume}, rng=rng)
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
    wait_for(lambda: applied_beyond(trial, "reporting", went), 60, "duplicates applied")
    trial.check()


# Faults of one message, by the reason that its dead letter must give.
POISON = (
    "bad-json",
    "not-an-object",
    "no-type",
    "unknown-type",
    "future-version",
    "unreadable-header",
    "null-body",
    "rule-broken",
    "nul-in-text",
)


def poisoned(reason: str, good: Record, rng: Random) -> Record:
    """A record that no consumer can apply, made from one that all could."""
    value, headers = good.value or b"", good.headers
    event = orjson.loads(value)
    if reason == "bad-json":
        return Record(good.topic, value[: rng.randrange(1, len(value) - 1)], good.key, headers)
    if reason == "not-an-object":
        return Record(good.topic, b"[1, 2, 3]", good.key, headers)
    if reason == "null-body":
        return Record(good.topic, None, good.key, headers)
    if reason == "unreadable-header":
        return Record(good.topic, value, good.key, (*headers, ("trace", b"\xff\xfe")))
    if reason == "no-type":
        del event["type"]
    elif reason == "unknown-type":
        event["type"] = "incidents.fire.forgotten.v1"
    elif reason == "future-version":
        event["type"] = event["type"].removesuffix("v1") + "v7"
    elif reason == "rule-broken":
        event["data"] = {**event["data"], "deaths": -1}
    elif reason == "nul-in-text":
        event["subject"] = "nul \x00 in text"
    return Record(good.topic, orjson.dumps(event), good.key, headers)


def test_poison_goes_to_the_dead_letters_with_its_reason_and_the_stream_goes_on(trial: Trial) -> None:
    rng = trial.random("poison")
    trial.province.settled()
    bootstrap = trial.province.broker.bootstrap
    good = [
        r
        for r in read(bootstrap, ["incidents.fires"])
        if b'"fire.' in (r.value or b"").replace(b"incidents.", b"")
    ]
    bad = {reason: poisoned(reason, rng.choice(good), rng) for reason in POISON}
    went = put(bootstrap, bad.values())
    trial.hand_in_next(rng=rng)
    wait_for(lambda: applied_beyond(trial, "reporting", went), 60, "poison put aside")
    letters = {
        (each["partition"], each["offset"]): each
        for each in dead_letters(trial, "reporting", "incidents.fires")
    }
    for (reason, record), (_, partition, offset) in zip(bad.items(), went, strict=True):
        letter = letters[partition, offset]
        if reason not in ("rule-broken", "nul-in-text"):
            assert letter["reason"] == reason
        assert letter["reason"], reason
        assert record.value is None or letter["status"] == "waiting"
    trial.check()
    kept = wait_for(
        lambda: on_dead_letter_topic(trial, "incidents.fires", len(bad)), 30, "dead letters on their topic"
    )
    assert {record.value for record in bad.values()} <= {record.value for record in kept}


def dead_letters(trial: Trial, service: str, topic: str) -> list[dict[str, object]]:
    """The dead letters of a topic, as the service's operators see them."""
    answer = trial.province.get(service, "/v1/dlq")
    letters = answer["dead_letters"] if isinstance(answer, dict) else answer
    return [letter for letter in letters if letter["topic"] == topic]


def on_dead_letter_topic(trial: Trial, topic: str, wanted: int) -> list[Record] | None:
    """The records of a dead-letter topic, its marker left out, once there are enough."""
    found = [
        r
        for r in read(trial.province.broker.bootstrap, [f"{topic}.dlq"])
        if b"khopso.log.started" not in (r.value or b"")
    ]
    return found if len(found) >= wanted else None
