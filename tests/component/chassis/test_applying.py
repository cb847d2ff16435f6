"""Applying batches: poison found, halves joined up, dead letters remembered once, outages ridden out."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.chassis.kafka import circuit_breaker, dead_letters, positions
from services.chassis.kafka.applying import Applier, _Poll
from services.chassis.kafka.delivery import Delivered, Permanent, Undelivered
from services.chassis.persistence.session import AsyncSession
from services.chassis.platform import Platform
from tests.support.rig import delivered, effects, record_effects

AT, OTHER = ("t", 0), ("t", 1)


async def applier(platform: Platform, consumer: str = "c") -> Applier:
    async with platform.uow() as session:
        for at in (AT, OTHER):
            await positions.start(session, consumer, at, "log-1")
    made = Applier(platform, consumer)
    await made.load()
    made.own([AT, OTHER])
    return made


def batch(*offsets: int, at: tuple[str, int] = AT) -> list[Any]:
    return [delivered(*at, offset, f"s{at[1]}", offset + 1) for offset in offsets]


async def clean(platform: Platform) -> None:
    async with platform.uow() as session:
        await session.execute(text("TRUNCATE effect, position, dead_letter, consumer_state, outbox"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 19)), st.booleans())
async def test_any_poison_in_a_batch_is_found_and_everything_else_applied_in_order(
    platform: Platform, poison: set[int], named: bool
) -> None:
    await clean(platform)

    async def handler(items: list[Delivered], session: AsyncSession) -> None:
        await record_effects(items, session)
        for item in items:
            if item.offset in poison and item.partition == 0:
                raise Permanent("bad", item if named else None)

    made = await applier(platform)
    items = [*batch(*range(20)), *batch(*range(5), at=OTHER)]
    assert await made.apply(items, handler)
    assert [one[2] - 1 for one in await effects(platform) if one[1] == "s0"] == [
        n for n in range(20) if n not in poison
    ]
    assert [one[2] for one in await effects(platform) if one[1] == "s1"] == [1, 2, 3, 4, 5]
    async with platform.uow() as session:
        assert {letter.offset for letter in await dead_letters.listed(session)} == poison
        found = await positions.load(session, "c")
    assert (found[AT].next_offset, found[OTHER].next_offset) == (20, 5)


async def test_a_position_moved_by_another_between_two_halves_skips_nothing(platform: Platform) -> None:
    """The first half is refused, the second must not jump over what the other process has not done."""
    other = await applier(platform)

    async def handler(items: list[Delivered], session: AsyncSession) -> None:
        if len(items) > 3:
            assert await other.apply(batch(0, 1), record_effects)
            raise Permanent("to be halved")
        await record_effects(items, session)

    async def without_first_lock(*_: object) -> None:
        """The other process moves the position before our transaction takes its row lock."""

    made = await applier(platform)
    original = positions.advance
    try:
        positions.advance = without_first_lock  # type: ignore[assignment]

        async def restore(items: list[Delivered], session: AsyncSession) -> None:
            positions.advance = original
            await handler(items, session)

        assert not await made.apply(batch(*range(6)), restore)
    finally:
        positions.advance = original
    assert made.cursor[AT].next_offset == 2
    assert await made.apply(batch(2, 3, 4), handler)
    assert [one[2] - 1 for one in await effects(platform)] == [0, 1, 2, 3, 4]


async def test_a_lost_reply_to_commit_is_asked_about_not_guessed(
    platform: Platform, database_url: str
) -> None:
    made = await applier(platform)
    lost = platform.uow
    replies = iter([True])

    class LosesOneReply:
        """Commits, then reports a broken connection."""

        def __call__(self) -> Any:
            @asynccontextmanager
            async def opened() -> Any:
                async with lost() as session:
                    yield session
                    wrote = session.in_transaction() and await session.scalar(
                        text("SELECT count(*) > 0 FROM effect")
                    )
                if wrote and next(replies, False):
                    raise psycopg.OperationalError("the connection was lost")

            return opened()

    object.__setattr__(platform, "uow", LosesOneReply())
    try:
        assert await made.apply(batch(0, 1, 2), record_effects)
    finally:
        object.__setattr__(platform, "uow", lost)
    assert [one[2] - 1 for one in await effects(platform)] == [0, 1, 2]
    assert made.cursor[AT].next_offset == 3


async def test_a_dead_letter_is_taken_once_per_place_and_not_again_from_a_refilled_log(
    platform: Platform,
) -> None:
    def letter(offset: int, value: bytes) -> Undelivered:
        return Undelivered("t", 0, offset, b"k", value, (), platform.clock(), "bad-json", "E")

    async with platform.uow() as session:
        now = platform.clock()
        await dead_letters.put(
            session, "c", [(letter(3, b"{"), "log-1"), (letter(4, b"{"), "log-1")], now, 1_000_000
        )
    async with platform.uow() as session:
        await dead_letters.put(session, "c", [(letter(3, b"{"), "log-1")], now, 1_000_000)
        await dead_letters.put(
            session, "c", [(letter(9, b"{"), "log-2"), (letter(10, b"["), "log-2")], now, 1_000_000
        )
    async with platform.uow() as session:
        assert [found.offset for found in await dead_letters.listed(session)] == [3, 4, 10]
        assert await session.scalar(text("SELECT count(*) FROM outbox WHERE topic = 't.dlq'")) == 3


async def test_a_dead_letter_too_large_for_its_topic_stays_in_the_database_whole(platform: Platform) -> None:
    big = Undelivered("t", 0, 0, None, b"x" * 2_000_000, (), platform.clock(), "bad-json", "E")
    async with platform.uow() as session:
        await dead_letters.put(session, "c", [(big, "log-1")], platform.clock(), 1_000_000)
    async with platform.uow() as session:
        (found,) = await dead_letters.listed(session)
        assert len(found.value or b"") == 2_000_000
        assert await session.scalar(text("SELECT payload IS NULL FROM outbox"))


async def test_an_error_that_no_message_can_cause_ends_the_consumer(platform: Platform) -> None:
    made = await applier(platform)
    async with platform.uow() as session:
        await session.execute(text("DROP TABLE consumer_state"))
    nothing_to_blame = [Undelivered("t", 0, 0, None, None, (), platform.clock(), "null-body", "E")]
    assert not await made.apply([*nothing_to_blame], record_effects)
    assert made.failure is not None
    assert made.tripped


async def test_the_count_of_dead_letters_survives_a_restart_and_a_success_clears_it(
    platform: Platform, new_database: Callable[[str], str]
) -> None:
    async def refuse(_: list[Delivered], __: AsyncSession) -> None:
        raise Permanent("no")

    first = await applier(platform)
    await first.apply(batch(0, 1, 2), refuse)
    async with platform.uow() as session:
        assert (await circuit_breaker.load(session, "c")).consecutive == 3
    second = await applier(platform)
    await second.apply(batch(3), record_effects)
    async with platform.uow() as session:
        assert (await circuit_breaker.load(session, "c")).consecutive == 0


def refused(offset: int, source: str) -> Undelivered:
    """A message of a source that no subscriber gets."""
    value = b'{"source": "%s"}' % source.encode()
    return Undelivered(*AT, offset, b"k", value, (), datetime.now(UTC), "no-type", "E")


def limited(platform: Platform) -> Platform:
    """The platform with a limit of five dead letters in a row."""
    return replace(platform, settings=platform.settings.model_copy(update={"dead_letter_limit": 5}))


async def test_what_several_senders_got_wrong_does_not_add_up(platform: Platform) -> None:
    made = await applier(limited(platform))
    assert await made.apply([refused(n, f"sender {n % 3}") for n in range(12)], record_effects)
    assert not made.tripped
    async with platform.uow() as session:
        assert (await circuit_breaker.load(session, "c")).consecutive == 4
    # A fifth of the same one is one too many; those of the others change nothing about it.
    assert not await made.apply([refused(12, "sender 0"), refused(13, "sender 1")], record_effects)
    assert made.tripped


async def test_a_consumer_of_what_outsiders_write_is_never_stopped_for_it(platform: Platform) -> None:
    answered: list[int] = []

    async def answer(letter: Undelivered, _: AsyncSession) -> None:
        answered.append(letter.offset)

    async with platform.uow() as session:
        await positions.start(session, "open", AT, "log-1")
    made = Applier(limited(platform), "open", outsiders=True, refused=answer)
    await made.load()
    made.own([AT])
    assert await made.apply([refused(n, "one sender") for n in range(50)], record_effects)
    assert await made.apply(batch(50), record_effects)
    assert not made.tripped
    assert answered == list(range(50))
    assert len(await effects(platform)) == 1


def test_senders_are_counted_together_when_there_are_too_many_to_tell_apart() -> None:
    in_a_row = circuit_breaker.InARow()
    for number in range(3_000):
        in_a_row.add(f"sender {number}")
    assert len(in_a_row.by_source) <= 1_001
    assert in_a_row.most == 2_000
    in_a_row.end()
    assert in_a_row.most == 0


@pytest.mark.parametrize("offsets", [(1, 2), (0, 2)])
async def test_items_that_do_not_join_the_position_are_never_applied(
    platform: Platform, offsets: tuple[int, ...]
) -> None:
    made = await applier(platform)
    poll = _Poll(record_effects, {AT: [0, 1, 2]})
    items = batch(*offsets)
    if offsets[0] == 0:
        await made._apply(poll, items[:1], 0)
        items = items[1:]
    with pytest.raises(positions.StalePosition):
        await made._apply(poll, items, 0)
