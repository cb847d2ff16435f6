"""Messages that cannot be applied: put aside with their reason, the stream going on."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from services.chassis.kafka import circuit_breaker, dead_letters
from services.chassis.kafka.clients import TopicSpec, dead_letter_topic
from services.chassis.kafka.delivery import Permanent, Retryable
from services.chassis.kafka.subscribing import Batch, Session
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import (
    TYPE,
    Raw,
    accept,
    applied_at_least,
    consumer_of,
    effects,
    event,
    logs_exist,
    put,
    read_topic,
    record_effects,
    relay_of,
    scalar,
    working,
)
from tests.support.wait import eventually


def _document(**changes: Any) -> bytes:
    return orjson.dumps(
        {"specversion": "1.0", "id": "x", "type": TYPE, "subject": "s", "sequence": "1", "data": {}} | changes
    )


POISON: dict[str, tuple[str, Raw]] = {
    "null": ("null-body", (b"k", None, ())),
    "torn": ("bad-json", (b"k", b'{"id": "tor', ())),
    "invalid UTF-8": ("bad-json", (b"k", b'{"id": "\xff\xfe"}', ())),
    "a list": ("not-an-object", (b"k", b"[1, 2]", ())),
    "no type": ("no-type", (b"k", b"{}", ())),
    "unknown type": ("unknown-type", (b"k", _document(type="sample.other.seen.v1"), ())),
    "future version": ("future-version", (b"k", _document(type="sample.thing.done.v2"), ())),
    "header not UTF-8": ("unreadable-header", (b"k", _document(), [("h", b"\xff\xfe")])),
    "null header": ("unreadable-header", (b"k", _document(), [("h", None)])),
    "handler refuses": ("rule-broken", (b"k", _document(data={"bad": True}), ())),
    "database refuses": ("handler-error", (b"k", _document(subject="nul \x00"), ())),
    "binary key": ("bad-json", (b"\x00\xff", b"{", ())),
}


async def _strict(batch: Batch, session: Session) -> None:
    if any(item.document["data"].get("bad") for item in batch):
        raise Permanent("rule-broken")  # does not say which: to be found by halving
    await record_effects(batch, session)


async def test_each_kind_of_poison_is_put_aside_with_its_reason_and_everything_else_is_applied(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, dead_letter_limit=1000)
    good = [(b"k", _document(id=f"good-{n}"), ()) for n in range(40)]
    mixed: list[Raw] = []
    for number, (_, record) in enumerate(POISON.values()):
        mixed += [*good[3 * number : 3 * number + 3], record]
    mixed += good[3 * len(POISON) :]
    relay, consumer = relay_of(platform, topic), consumer_of(platform, topic, _strict)
    async with working(relay.run):
        await eventually(lambda: logs_exist(platform, topic))
        await put(platform, topic.name, *mixed)
        async with working(consumer.run):
            await eventually(lambda: applied_at_least(platform, len(good)))
            await eventually(lambda: _letters(platform, len(POISON)))
            published = await read_topic(platform, dead_letter_topic(topic.name).name, len(POISON))
    assert [one[0] for one in await effects(platform)] == [f"good-{n}" for n in range(40)]
    async with platform.uow() as session:
        letters = await dead_letters.listed(session)
    by_place = {letter.offset: letter for letter in letters}
    for (reason, record), letter in zip(
        POISON.values(), (by_place[o] for o in sorted(by_place)), strict=True
    ):
        assert (letter.reason, letter.key, letter.value) == (reason, record[0], record[1])
        assert letter.headers == tuple(record[2])
    headers = [dict(one.headers) for one in published]
    assert {one["khopso-dlq-reason"].decode() for one in headers} == {reason for reason, _ in POISON.values()}
    assert {one.value for one in published} == {record[1] for _, record in POISON.values()}
    assert all(one["khopso-dlq-topic"].decode() == topic.name for one in headers)
    offsets = sorted(int(one["khopso-dlq-offset"]) for one in headers)
    assert offsets == sorted(by_place)


async def test_a_retried_dead_letter_is_applied_from_its_original_bytes_and_a_discarded_one_never(
    platform: Platform, topic: TopicSpec
) -> None:
    cured = asyncio.Event()

    async def sick(batch: Batch, session: Session) -> None:
        if not cured.is_set():
            raise Permanent("not-yet")
        await record_effects(batch, session)

    consumer = consumer_of(platform, topic, sick)
    async with working(relay_of(platform, topic).run, consumer.run):
        first, second = await accept(platform, [event(topic.name, "s", 1), event(topic.name, "s", 2)])
        await eventually(lambda: _letters(platform, 2))
    async with platform.uow() as session:
        letters = await dead_letters.listed(session)
    numbers = {orjson.loads(letter.value or b"")["id"]: letter.id for letter in letters}

    with pytest.raises(dead_letters.StillFailsError, match="not-yet"):
        await dead_letters.retry(
            platform.uow, {consumer.name: consumer}, numbers[first], "ops", platform.clock
        )
    async with platform.uow() as session:
        still = await dead_letters.find(session, numbers[first])
    assert (still.status, still.attempts) == ("waiting", 2)

    cured.set()
    done = await dead_letters.retry(
        platform.uow, {consumer.name: consumer}, numbers[first], "ops", platform.clock
    )
    assert (done.status, done.settled_by) == ("retried", "ops")
    async with platform.uow() as session:
        await dead_letters.discard(session, numbers[second], "ops", platform.clock())
    assert [one[0] for one in await effects(platform)] == [first]
    for number in numbers.values():
        with pytest.raises(dead_letters.SettledError):
            await dead_letters.retry(platform.uow, {consumer.name: consumer}, number, "ops", platform.clock)


async def test_too_many_dead_letters_in_a_row_stop_the_consumer_until_it_is_resumed(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, dead_letter_limit=7)
    deployed_wrong = True

    async def handler(batch: Batch, session: Session) -> None:
        if deployed_wrong:
            raise KeyError("a field that only the next version has")
        await record_effects(batch, session)

    consumer = consumer_of(platform, topic, handler)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, history_of(topic, 60))
        await eventually(lambda: consumer.tripped)
        assert await scalar(platform, "SELECT count(*) FROM dead_letter") == 7
        await eventually(lambda: not consumer.running)
    deployed_wrong = False

    restarted = consumer_of(platform, topic, handler)
    async with working(relay_of(platform, topic).run, restarted.run):
        await eventually(lambda: restarted.tripped, message="a restart alone does not resume")
        assert await effects(platform) == []
        async with platform.uow() as session:
            assert await circuit_breaker.resume(session, restarted.name)
        await eventually(lambda: applied_at_least(platform, 53))
    assert await scalar(platform, "SELECT count(*) FROM dead_letter") == 7


async def test_dead_letters_with_good_messages_between_never_stop_the_consumer(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, dead_letter_limit=3)
    relay, consumer = relay_of(platform, topic), consumer_of(platform, topic)
    async with working(relay.run):
        await eventually(lambda: logs_exist(platform, topic))
        mixed: list[Raw] = []
        for number in range(20):
            mixed += [(b"k", b"{", ()), (b"k", b"{", ()), (b"k", _document(id=f"good-{number}"), ())]
        await put(platform, topic.name, *mixed)
        async with working(consumer.run):
            await eventually(lambda: applied_at_least(platform, 20))
            await eventually(lambda: _letters(platform, 40))
            assert not consumer.tripped


async def test_what_may_go_through_later_is_tried_again_and_given_up_after_the_limit(
    platforms: Callable[..., Platform], database_url: str, broker: Broker, topic: TopicSpec
) -> None:
    platform = platforms(database_url, broker, consume_retry_attempts=3, consume_backoff_max_seconds=0.05)
    calls: dict[str, int] = {}

    async def moody(batch: Batch, session: Session) -> None:
        for item in batch:
            subject = item.document["subject"]
            calls[subject] = calls.get(subject, 0) + 1
            if subject == "never" or (subject == "third time" and calls[subject] < 3):
                raise Retryable("come back later")
        await record_effects(batch, session)

    consumer = consumer_of(platform, topic, moody)
    async with working(relay_of(platform, topic).run, consumer.run):
        await accept(platform, [event(topic.name, name, 1) for name in ("third time", "never", "at once")])
        await eventually(lambda: applied_at_least(platform, 2))
        await eventually(lambda: _letters(platform, 1))
    assert {subject for _, subject, _ in await effects(platform)} == {"third time", "at once"}
    async with platform.uow() as session:
        (letter,) = await dead_letters.listed(session)
    assert letter.reason == "retries-exhausted"


def history_of(topic: TopicSpec, length: int) -> list[Any]:
    """Events of one subject."""
    return [event(topic.name, "s", n) for n in range(1, length + 1)]


async def _letters(platform: Platform, wanted: int) -> bool:
    return bool(await scalar(platform, "SELECT count(*) >= :wanted FROM dead_letter", wanted=wanted))
