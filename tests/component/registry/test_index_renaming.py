"""The person index during a rotation of the linkage secret: it learns new tokens from events told again, and takes them all at once."""

import random
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from services.chassis.platform import Platform
from services.linkage import LinkageSecret, Message, messages_of
from services.registers import TokensLeftError
from services.registry.index import take_new_tokens
from services.registry.index.domain.edges import Edge, certain_edges
from services.registry.index.messages import sighting
from tests.component.registry.support import (
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
NEXT = LinkageSecret(b"n" * 40)
AN = Someone("Nguyễn Văn An", date(1990, 5, 1), "030090001234")
WHO = (
    Someone("An", date(1990, 1, 1)),
    Someone("Bình", date(1990, 1, 1)),
    Someone("Chi", date(1990, 1, 1)),
    Someone("Chi.", date(1990, 1, 1)),
    # Contradicts the others in everything, so that their numbers wait, and are parted.
    Someone("Dung", date(1985, 3, 4), sex="female"),
)
AN_UNNUMBERED = Someone("Nguyễn Văn An", date(1990, 5, 1))


def again(event: Event, who: Someone, secret: LinkageSecret = NEXT) -> Event:
    """The event as it is told again: the same but for the keys, which are under the next secret."""
    messages: dict[str, Message] = messages_of(who.name, who.birth, who.sex, who.national_id, "10513@2008")
    keys = {kind: secret.hash(*message) for kind, message in messages.items()}
    told = orjson.loads(orjson.dumps(event))
    told["data"]["person"]["keys"] = keys
    return dict(told)


def a_history(seed: int) -> list[tuple[Event, Someone | None]]:
    """Records of few people under few names and numbers that contradict each other, corrected and withdrawn now and then."""
    dice = random.Random(seed)
    numbers = [None, None, "030090000001", "030090000002", "141000001"]
    told: list[tuple[Event, Someone | None]] = []
    for record in range(16):
        make, hour = dice.choice([arrest, slip]), dice.randrange(10)
        for sequence in range(1, dice.randrange(1, 4) + 1):
            who = replace(dice.choice(WHO), national_id=dice.choice(numbers))
            told.append((make(f"{record}", who, hour=hour, sequence=sequence), who))
            hour += dice.randrange(-1, 4)
        if dice.random() < 0.25:
            told.append((void(told[-1][0], hour=hour), None))
    return told


async def rotating(platform: Platform, step: str) -> None:
    async with platform.uow() as session:
        await session.execute(text("UPDATE linkage_epoch SET step = :step"), {"step": step})


async def rename(platform: Platform, *, abandon: bool = False) -> int:
    async with platform.uow() as session:
        left = await take_new_tokens(session, abandon, platform.new_id)
    await rotating(platform, "none")
    return left


async def everything(platform: Platform) -> str:
    """All that the index has stored and told, as text."""
    tables = ("observed_version", "person_edge", "name_rank", "token_renewal", "postponed_record")
    parts: list[str] = []
    async with platform.uow() as session:
        for table in tables:
            rows = await session.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t"))
            parts.extend(rows.scalars().all())
        told = await session.execute(
            text("SELECT key || ' ' || subject || ' ' || convert_from(payload, 'UTF8') FROM outbox")
        )
        parts.extend(told.scalars().all())
    return "\n".join(parts)


def shapes(found: set[Edge]) -> set[tuple[Any, ...]]:
    """Edges without the names of their tokens."""
    return {(e.ref, e.basis, e.ordinal, e.known_from, e.known_until) for e in found}


def told_as(events: list[Any]) -> list[tuple[Any, ...]]:
    """What was told but for tokens and subjects: ids, sequences and times are those of before."""
    return [
        (e.id, e.type, e.sequence, e.time, e.recordedtime, e.correlationid,
         *((name, value) for name, value in e.data if name != "person"))
        for e in events
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_links_and_what_was_told_of_them_stay_and_only_the_tokens_change(
    platform: Platform, seed: int
) -> None:
    # Given an index with people whose numbers contradict their names
    history = a_history(seed)
    await hear(platform, [event for event, _ in history])
    before, told = await edges(platform), told_as(await outbox(platform))
    former = {str(edge.person) for edge in before} | {str(edge.id) for edge in before}
    assert before
    # When every event is told again under the next secret, in any order and parts, and the tokens are taken over
    await rotating(platform, "rewriting")
    renewed = [event if who is None else again(event, who) for event, who in history]
    random.Random(seed).shuffle(renewed)
    for start in range(0, len(renewed), 5):
        await hear(platform, renewed[start : start + 5])
    assert await edges(platform) == before
    assert await rename(platform) == 0
    # Then the same references are linked at the same times, by events that are the same but for the tokens
    after = await edges(platform)
    assert shapes(after) == shapes(before)
    assert told_as(await outbox(platform)) == told
    dump = await everything(platform)
    assert not [name for name in former if name in dump]
    # And what is heard again changes nothing, nor would an index say otherwise that is computed from these events anew
    await hear(platform, renewed)
    assert told_as(await outbox(platform)) == told
    ranks = await ranks_of(platform)
    observations = [
        sighting(parse_event(message.topic, message.value), message.timestamp).observation
        for message in delivered(renewed)
    ]
    assert certain_edges([ranked(each, ranks) for each in observations]) == after


async def ranks_of(platform: Platform) -> dict[UUID, int]:
    async with platform.uow() as session:
        rows = await session.execute(text("SELECT token, rank FROM name_rank"))
        return {row.token: row.rank for row in rows}


def ranked(observation: Any, ranks: dict[UUID, int]) -> Any:
    tokens = tuple(replace(token, rank=ranks.get(token.id)) for token in observation.tokens)
    return replace(observation, tokens=tokens)


async def test_somebody_handed_in_after_it_joins_the_records_of_before(platform: Platform) -> None:
    first = arrest("a", AN, hour=1)
    await hear(platform, [first])
    await rotating(platform, "rewriting")
    await hear(platform, [again(first, AN)])
    await rename(platform)
    await hear(platform, [again(slip("b", AN, hour=5), AN)])
    assert await people(platform, 5) == [refs("a", "b")]


async def test_a_version_that_comes_during_the_rotation_is_linked_at_its_end(platform: Platform) -> None:
    first = arrest("a", AN, hour=1)
    await hear(platform, [first])
    await rotating(platform, "rewriting")
    # One under the next secret before, one after the first record is told again; the third is of the former secret yet
    old = slip("c", AN_UNNUMBERED, hour=3)
    await hear(
        platform, [again(slip("b", AN, hour=2), AN)], [again(first, AN)], [old], [again(old, AN_UNNUMBERED)]
    )
    assert await outbox(platform) == []
    assert await rename(platform) == 0
    assert await people(platform, 3) == [refs("a", "b", "c")]


async def test_tokens_that_nobody_tells_again_are_refused_and_when_abandoned_keep_their_links(
    platform: Platform,
) -> None:
    # Given two linked records whose events are in no outbox any more, and one that is told again
    lost, kept = (
        [arrest("a", AN, hour=1), slip("b", AN, hour=2)],
        arrest("c", Someone("Bình", date(1980, 1, 1)), hour=1),
    )
    await hear(platform, [*lost, kept])
    before = await edges(platform)
    await rotating(platform, "rewriting")
    await hear(platform, [again(kept, Someone("Bình", date(1980, 1, 1)))])
    # When the tokens are taken over, it is refused with their number, and nothing is changed
    with pytest.raises(TokensLeftError) as refused:
        await rename(platform)
    # The number, the name, and the three by which carriers of the number are compared
    assert refused.value.tokens == 5
    assert await edges(platform) == before
    # And abandoned, they stay linked under names that no key makes
    assert await rename(platform, abandon=True) == 5
    after = await edges(platform)
    assert shapes(after) == shapes(before)
    assert not {edge.person for edge in after} & {edge.person for edge in before}
    await hear(platform, [again(slip("d", AN, hour=9), AN)])
    assert await people(platform, 9) == [refs("a", "b")]
