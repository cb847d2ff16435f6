"""The person index on a real database: batches in any order, crashes, corrections, and what it publishes."""

import random
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from contracts.events.registry import PersonLinked, PersonUnlinked
from services.chassis.kafka.delivery import Permanent
from services.chassis.platform import Platform
from services.chassis.runtime.ids import uuid7
from services.registry.consumers import person_index
from services.registry.index.domain.edges import certain_edges
from services.registry.index.messages import sighting
from tests.component.registry.support import (
    FIRST,
    Someone,
    arrest,
    delivered,
    edges,
    hear,
    outbox,
    people,
    refs,
    slip,
    void,
)

Event = dict[str, Any]

AN = Someone("Nguyễn Văn An", date(1990, 5, 1), "030090001234")
AN_UNNUMBERED = Someone("NGUYỄN VĂN  AN", date(1990, 5, 1))
OTHER_AN = Someone("Nguyễn Văn An", date(1990, 5, 1), "030090009999")
BINH = Someone("Trần Thị Bình", date(1985, 1, 2), "030185000111", "female")
BINH_OLD = Someone("Trần Thị Bình", date(1985, 1, 2), "141222333", "female")


async def test_records_of_two_services_with_one_number_become_one_person_from_the_later_record(
    platform: Platform,
) -> None:
    await hear(platform, [arrest("a", AN, hour=1)], [slip("b", AN, hour=5)])

    assert await people(platform, 4) == []
    assert await people(platform, 5) == [refs("a", "b")]
    events = await outbox(platform)
    assert all(
        isinstance(event, PersonLinked) and event.dataclassification == "restricted" for event in events
    )
    number = {event.data.known_from for event in events if event.data.basis == "national_id"}
    assert number == {FIRST + timedelta(hours=1), FIRST + timedelta(hours=5)}
    assert {event.recordedtime for event in events} == number


async def test_names_with_and_without_signs_meet_and_former_records_stay_findable(platform: Platform) -> None:
    born = date(1992, 3, 4)
    former, signed, plain = (
        arrest("a", Someone("Thuỷ-Hoà", born), hour=1),
        slip("b", Someone("Thuỷ-Hoà", born), hour=2),
        slip("c", Someone("Thuỷ Hoà", born), hour=3),
    )
    # A record of before has no second key
    del former["data"]["person"]["keys"]["name_folded"]
    await hear(platform, [former], [plain], [signed])
    assert await people(platform, 2) == [refs("a", "b")]
    assert await people(platform, 3) == [refs("a", "b", "c")]


async def test_year_only_birth_never_links(platform: Platform) -> None:
    await hear(platform, [arrest("a", Someone("Lê Văn Tám", 1990), hour=1)])
    await hear(platform, [slip("b", Someone("Lê Văn Tám", 1990), hour=1)])
    assert await outbox(platform) == []


async def test_contradicting_number_takes_links_by_name_back_from_its_record_time(platform: Platform) -> None:
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN_UNNUMBERED, hour=2)])
    await hear(platform, [arrest("c", OTHER_AN, hour=6)])
    assert await people(platform, 5) == [refs("a", "b")]
    assert await people(platform, 6) == []
    assert not any(isinstance(event, PersonUnlinked) for event in await outbox(platform))


async def test_old_and_new_number_meet_through_the_name(platform: Platform) -> None:
    await hear(
        platform, [arrest("a", BINH, hour=1)], [slip("b", BINH_OLD, hour=2)], [slip("c", BINH, hour=3)]
    )
    assert await people(platform, 3) == [refs("a", "b", "c")]


async def test_correction_ends_the_link_at_its_own_record_time(platform: Platform) -> None:
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN, hour=2)])
    await hear(platform, [slip("b", BINH, hour=8, sequence=2)])
    assert await people(platform, 7) == [refs("a", "b")]
    assert await people(platform, 8) == []


async def test_link_of_a_version_that_was_never_in_force_is_unlinked(platform: Platform) -> None:
    """The correction bears the record time of the row that it corrects: that row was never known."""
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN, hour=2)])
    await hear(platform, [slip("b", BINH, hour=2, sequence=2)])
    assert await edges(platform) == set()
    last = {event.subject: event for event in await outbox(platform)}
    assert last
    assert all(isinstance(event, PersonUnlinked) and event.sequence == 2 for event in last.values())


async def test_withdrawn_record_leaves_its_person_when_withdrawn_and_may_come_back(
    platform: Platform,
) -> None:
    taken = slip("b", AN, hour=2)
    await hear(platform, [arrest("a", AN, hour=1), taken], [void(taken, hour=4)])
    assert (await people(platform, 3), await people(platform, 4)) == ([refs("a", "b")], [])
    await hear(platform, [slip("b", AN, hour=6, sequence=3)])
    assert (await people(platform, 5), await people(platform, 6)) == ([], [refs("a", "b")])


def a_history(seed: int) -> list[Event]:
    """Records of few people under few names and numbers, corrected and withdrawn now and then."""
    dice = random.Random(seed)
    numbers = [None, "030090000001", "030090000002", "141000001", "141000002"]
    events: list[Event] = []
    for record in range(14):
        make = dice.choice([arrest, slip])
        hour = dice.randrange(10)
        for sequence in range(1, dice.randrange(1, 4) + 1):
            who = Someone(dice.choice(["An", "Bình", "Chi"]), date(1990, 1, 1), dice.choice(numbers))
            events.append(make(f"{record}", who, hour=hour, sequence=sequence))
            hour += dice.randrange(-1, 4)
        if dice.random() < 0.25:
            events.append(void(events[-1], hour=hour))
    return events


def in_batches(events: list[Event], seed: int) -> list[list[Event]]:
    dice = random.Random(seed)
    rest = events + dice.sample(events, len(events) // 3)
    dice.shuffle(rest)
    batches: list[list[Event]] = []
    while rest:
        size = dice.randrange(1, 9)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


@pytest.mark.parametrize("seed", range(6))
async def test_batches_in_any_order_with_repetitions_publish_the_same_edges(
    platform: Platform, seed: int
) -> None:
    events = a_history(seed)
    messages = delivered(events)
    expected = certain_edges(
        sighting(parse_event(message.topic, message.value), message.timestamp).observation
        for message in messages
    )
    await hear(platform, *in_batches(events, seed + 100))
    assert await edges(platform) == expected
    published = len(await outbox(platform))
    await hear(platform, events, *in_batches(events, seed + 200))
    assert len(await outbox(platform)) == published


async def crash_after(platform: Platform, batch: list[Event]) -> None:
    async with platform.uow() as session:
        await person_index(platform.new_id)(delivered(batch), session)
        raise ZeroDivisionError


async def test_crash_in_a_batch_leaves_nothing_and_the_next_try_everything(platform: Platform) -> None:
    batches = in_batches(a_history(3), 3)
    for batch in batches:
        with pytest.raises(ZeroDivisionError):
            await crash_after(platform, batch)
        await hear(platform, batch)
    messages = delivered(a_history(3))
    assert await edges(platform) == certain_edges(
        sighting(parse_event(message.topic, message.value), message.timestamp).observation
        for message in messages
    )


async def test_number_of_statements_does_not_grow_with_the_batch(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor: Any, query: Any, *args: Any, **named_args: Any) -> Any:
        run.append(str(query))
        return await execute(cursor, query, *args, **named_args)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)

    async def statements(size: int) -> int:
        who = [Someone(f"Người {size} {n}", date(1980, 1, 1)) for n in range(size)]
        batch = [arrest(f"{size} a{n}", who[n], hour=1) for n in range(size)]
        batch += [slip(f"{size} b{n}", who[n], hour=2) for n in range(size)]
        run.clear()
        await hear(platform, batch)
        return len(run)

    await statements(1)  # a new connection asks a few things of its own
    assert 0 < await statements(3) == await statements(300)


async def test_message_of_no_person_is_named_and_put_aside(platform: Platform) -> None:
    wrong = arrest("a", AN, hour=1)
    wrong["subject"] = "not a record id"
    broken = arrest("b", AN, hour=1)
    del broken["data"]["person"]
    endless = arrest("d", AN, hour=1) | {"sequence": str(2**63)}
    ancient = arrest("e", AN, hour=1) | {"recordedtime": "0001-01-01T00:00:00Z"}
    nul = arrest("f", AN, hour=1, unit="police:30\0")
    for bad in (wrong, broken, endless, ancient, nul):
        good = arrest("c", AN, hour=1)
        messages = delivered([good, bad])
        async with platform.uow() as session:
            with pytest.raises(Permanent) as refused:
                await person_index(uuid7)(messages, session)
        assert refused.value.delivered is messages[1]
    assert await outbox(platform) == []


async def test_no_key_that_travels_is_kept_or_published_again(platform: Platform) -> None:
    """Tokens are names of keys: neither the index's tables nor its events show a key, let alone an identity."""
    batch = [arrest("a", AN, hour=1), slip("b", AN, hour=2)]
    await hear(platform, batch)
    secrets = [*batch[0]["data"]["person"]["keys"].values(), "030090001234", "Nguyễn", "1990-05-01"]
    async with platform.uow() as session:
        for table in ("observed_version", "person_edge", "outbox"):
            rows = (
                (await session.execute(text(f"SELECT row_to_json(t)::text FROM {table} t"))).scalars().all()
            )
            assert rows
            for row in rows:
                plain = row
                if table == "outbox":
                    plain = bytes.fromhex(row.split('"payload":"\\\\x')[1].split('"')[0]).decode()
                assert not [secret for secret in secrets if secret in plain]
