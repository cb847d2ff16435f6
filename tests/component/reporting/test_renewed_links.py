"""A rotation of the linkage secret gives links other subjects and tokens, and persons other keys: reporting counts nobody twice meanwhile."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text

from services.chassis.kafka.delivery import Delivered, receive
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.facts import carrying_over, generations
from services.reporting.facts.late_arrivals import note_read_anew, note_renamed
from services.reporting.facts.messages import read
from services.reporting.facts.renewal import Oblivion
from tests.component.reporting.streaming import scalar
from tests.support.reporting import NOW, Log, fold, listed, named, person, value

NEXT = UUID("99999999-2222-5333-8444-555555555555")
SINCE = date(2023, 2, 1)


def register() -> Log:
    """Three users, two of whom are one human being by a link that was made, withdrawn and made again."""
    log = Log()
    for name in ("an", "binh", "chi"):
        listed(log, name, "user", SINCE)
    for unlink in (False, True, False):
        log.link("binh", "one", known=date(2023, 3, 1), unlink=unlink)
    log.link("chi", "one", known=date(2023, 3, 1))
    return log


def renewed(messages: Iterable[Delivered]) -> list[Delivered]:
    """The events as told again: other keys, other tokens, other subjects of links, the same ids, sequences and times."""
    found = []
    for message in messages:
        document = orjson.loads(message.value)
        data = document["data"]
        if document["type"].startswith("registry.person."):
            document["subject"] = str(uuid5(NEXT, document["subject"]))
            data["person"] = str(uuid5(NEXT, data["person"]))
        elif "person" in data:
            data["person"]["keys"] = {
                kind: uuid5(NEXT, key).hex for kind, key in data["person"]["keys"].items()
            }
        made = receive(message.topic, 0, message.offset, message.key, orjson.dumps(document), (), 0)
        assert isinstance(made, Delivered)
        found.append(made)
    return found


async def hold(platform: Platform) -> bool:
    async with platform.uow() as session:
        return await generations.hold_links(session)


async def second(platform: Platform) -> None:
    async with platform.uow() as session:
        assert await generations.ask(session, NOW, "test") == 2
        await generations.begin(session, 2, NOW)


async def lacks(platform: Platform) -> bool:
    async with platform.uow() as session:
        return await generations.lacks(await raw(session), 1, 2, ())


async def users(platform: Platform) -> Any:
    return await value(platform, "registry.users", as_of="2023-12-31")


async def test_the_live_generation_takes_renewed_links_for_no_second_ones(platform: Platform) -> None:
    log = register()
    await fold(platform, log.messages)
    assert await users(platform) == 2
    assert await hold(platform)
    # Told again one by one, also where a link was withdrawn meanwhile: nobody falls apart or is joined for a moment
    for message in renewed(log.messages):
        await fold(platform, [message])
        assert await users(platform) == 2
    assert await scalar(platform, "SELECT count(*) FROM g1.link") == 2
    # And what has no person goes on
    log.write("fires", "f", alarm_at=datetime.fromisoformat("2023-05-05T10:00:00+07:00"), commune="10513@2008",
              place="dwelling", number="1")  # fmt: skip
    await fold(platform, log.messages[-1:])
    assert await value(platform, "fires.cases", since="2023-01-01", to="2023-12-31") == 1


async def test_a_generation_from_renewed_events_has_all_that_the_former_one_had(platform: Platform) -> None:
    log = register()
    await fold(platform, log.messages)
    await hold(platform)
    await second(platform)
    told = renewed(log.messages)
    for count, message in enumerate(told):
        assert await lacks(platform), count
        await fold(platform, [message], generation=2)
    assert not await lacks(platform)
    async with platform.uow() as session:
        await note_read_anew(await raw(session), 1, 2)
        await generations.switch(session, 1, 2, NOW)
    assert await users(platform) == 2
    assert await scalar(platform, "SELECT count(*) FROM late_arrival") == 0


async def test_no_rebuild_is_held_up_halfway_and_none_begins_beside_it(platform: Platform) -> None:
    await second(platform)
    assert not await hold(platform)
    async with platform.uow() as session:
        await generations.fail(session, 2, NOW, "test")
    assert await hold(platform)


async def test_what_no_log_tells_again_is_carried_over_without_its_keys_and_tokens(
    platform: Platform,
) -> None:
    # Given a generation of which no log tells anything again
    log = register()
    young = person("dung", band="18-29", until=date(2024, 4, 1))
    log.write("registry", "dung", person=young, commune="10513@2008", status="user", status_from=SINCE)
    log.write(
        "registry", "dung", person=person("dung"), commune="10513@2008", status="user", status_from=SINCE
    )
    await fold(platform, log.messages)
    await hold(platform)
    await second(platform)
    # When all of it is carried over
    oblivion = Oblivion()
    while await lacks(platform):
        async with platform.uow() as session:
            connection = await raw(session)
            assert await carrying_over.carry_over(connection, 1, 2, (), oblivion) > 0
    # Then people, their links and their ages are what they were, under keys and tokens that nobody can make
    columns = "record_id::text, known_from, kind, code, person_ref, age30_on"
    rows = "SELECT array_agg(s::text ORDER BY s::text) FROM (SELECT {} FROM {}.spell) s"
    assert await scalar(platform, rows.format(columns, "g2")) == await scalar(
        platform, rows.format(columns, "g1")
    )
    names = "SELECT array_agg(p::text ORDER BY p::text) FROM {}.person p"
    assert await scalar(platform, names.format("g2")) == await scalar(platform, names.format("g1"))
    ages = "SELECT count(*) FROM g2.spell WHERE age30_on = '2024-04-01'"
    # Known from the version before alone, which is about the same person by its keys.
    assert await scalar(platform, ages) == 1
    former = [named("an").hex, named("dung").hex, str(named("token one")), str(named("edge binh one"))]
    async with platform.uow() as session:
        for table in ("version", "version_replaced", "link", "link_replaced"):
            stored = await session.execute(text(f"SELECT t::text FROM g2.{table} t"))
            assert not [key for row in stored.scalars() for key in former if key in row]


async def test_which_link_came_late_for_a_closing_is_known_under_its_new_subject(platform: Platform) -> None:
    log = register()
    await fold(platform, log.messages)
    late = log.messages[-1]
    async with platform.uow() as session:
        connection = await raw(session)
        await connection.execute(
            "INSERT INTO late_arrival (event_id, record_id, sequence, after_closing) VALUES (%s, %s, %s, 1)",
            [str(read(late).event_id), read(late).record_id, read(late).sequence],
        )
    await hold(platform)
    await second(platform)
    told = renewed(log.messages)
    await fold(platform, told, generation=2)
    async with platform.uow() as session:
        connection = await raw(session)
        await note_renamed(connection, 1, 2)
        await note_read_anew(connection, 1, 2)
        rows = await (
            await connection.execute("SELECT record_id::text, after_closing FROM late_arrival")
        ).fetchall()
    assert rows == [(read(told[-1]).record_id, 1)]
    # And the table only grows again
    async with platform.uow() as session:
        found = await session.scalar(
            text("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'late_arrival_only_grows'")
        )
    assert found == "O"
