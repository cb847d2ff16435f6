"""A number that may not join: the index publishes that it waits, joins nobody by it, and takes it back when it is corrected."""

from datetime import date, timedelta

from contracts.events.registry import LinkPending, LinkSettled
from services.chassis.platform import Platform
from tests.component.registry.support import FIRST, Someone, arrest, hear, outbox, people, refs, slip, void

AN = Someone("Nguyễn Văn An", date(1990, 5, 1), "030090001234")
AN_BY_YEAR = Someone("Nguyễn Văn An", 1990, "030090001234")
BINH = Someone("Trần Thị Bình", date(1985, 1, 2), "030090001234", "female")


async def test_a_mistyped_number_waits_and_parts_nobody(platform: Platform) -> None:
    # Given two records of An that only the number joins
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN_BY_YEAR, hour=2)])
    # When Bình's record comes with An's number
    await hear(platform, [slip("c", BINH, hour=6)])
    # Then An is still one, Bình is nobody else, and the two of the health agency are told to wait from that instant on
    assert await people(platform, 5) == await people(platform, 7) == [refs("a", "b")]
    waiting = [event.data for event in await outbox(platform) if isinstance(event, LinkPending)]
    assert {link.ref for link in waiting} == {*refs("b", "c")}
    assert {(link.reason, link.known_from, link.known_until) for link in waiting} == {
        ("contradiction", FIRST + timedelta(hours=6), None)
    }


async def test_what_waited_is_settled_when_the_record_was_never_in_force(platform: Platform) -> None:
    wrong = slip("c", BINH, hour=6)
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN_BY_YEAR, hour=2), wrong])
    await hear(platform, [void(wrong, hour=6)])
    assert await people(platform, 7) == [refs("a", "b")]
    last = {event.subject: event for event in await outbox(platform)}
    waited = [event for event in last.values() if isinstance(event, (LinkPending, LinkSettled))]
    assert waited
    assert all(isinstance(event, LinkSettled) and event.sequence == 2 for event in waited)


async def test_a_number_that_contradicts_its_record_joins_it_to_nobody(platform: Platform) -> None:
    doubted = slip("c", AN_BY_YEAR, hour=3)
    doubted["data"]["person"]["number_doubted"] = True
    await hear(platform, [arrest("a", AN, hour=1), slip("b", AN_BY_YEAR, hour=2), doubted])
    assert await people(platform, 4) == [refs("a", "b")]


async def test_one_number_filled_down_a_column_joins_nobody(platform: Platform) -> None:
    names = ("Anh", "Bảo", "Cường", "Dũng", "Giang", "Hải")
    rows = [
        arrest(name, Someone(f"Thử {name}", date(1980 + n, 2, 1), "142567890"), hour=n)
        for n, name in enumerate(names)
    ]
    await hear(platform, rows)
    assert [len(each) for each in await people(platform, 4)] == [5]
    assert await people(platform, 5) == []


async def test_records_told_by_a_former_release_stay_joined(platform: Platform) -> None:
    old = [arrest("a", AN, hour=1), slip("b", BINH, hour=2)]
    for event in old:
        keys = event["data"]["person"]["keys"]
        event["data"]["person"]["keys"] = {k: v for k, v in keys.items() if not k.startswith("number_")}
    await hear(platform, old)
    assert await people(platform, 3) == [refs("a", "b")]
