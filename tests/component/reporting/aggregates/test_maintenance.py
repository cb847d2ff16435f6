"""Cells by worked examples: what is told at once, what a late event, a link, a withdrawal and a rebuild change."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text

from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.facts import generations
from services.reporting.figures.aggregates import places
from services.reporting.figures.aggregates.maintainer import AggregateMaintainer, fill_cells
from services.reporting.figures.aggregates.series import SERIES
from services.reporting.figures.definitions import DEFINITIONS
from tests.support.aggregates import both, differing, fill, keep, marked, passed, stored
from tests.support.reporting import CHI_LINH, HAI_DUONG, NOW, Log, fold, listed, person, value
from tests.support.wait import eventually

PROVINCE = "30@2008"
FIRST, DAY = date(2023, 1, 1), date(2023, 12, 31)


async def nothing_differs(platform: Platform, by: str | None = None, day: date = DAY) -> None:
    found = await both(platform, PROVINCE, by, FIRST, day)
    assert differing(found) == []
    assert passed(found) == set()


async def test_every_figure_that_counts_rows_is_kept_but_the_two_about_facilities() -> None:
    assert DEFINITIONS.keys() - SERIES.keys() == {"determination.facilities", "methadone.sites"}


async def test_what_was_folded_a_moment_ago_counts_before_and_after_it_is_worked_in(
    platform: Platform,
) -> None:
    log = Log()
    await fill(platform)
    listed(log, "a", "addict", date(2023, 2, 1))
    listed(log, "b", "addict", date(2023, 3, 1), commune=CHI_LINH)
    await fold(platform, log.messages)
    assert await marked(platform) == 2
    await nothing_differs(platform, "commune")
    assert await value(platform, "registry.addicts_with_file", as_of="2023-12-31") == 2
    assert await keep(platform) == 2
    assert await marked(platform) == 0
    await nothing_differs(platform, "commune")
    assert await value(platform, "registry.addicts_with_file", as_of="2023-12-31") == 2
    assert await value(platform, "registry.addicts_with_file", as_of="2023-02-28") == 1


async def test_answers_come_from_the_cells_and_not_from_the_rows(platform: Platform) -> None:
    log = Log()
    listed(log, "a", "addict", date(2023, 2, 1))
    await fold(platform, log.messages)
    await fill(platform)
    async with platform.uow() as session:
        await session.execute(text("UPDATE g1.cell SET n = n * 7"))
    assert await value(platform, "registry.addicts_with_file", as_of="2023-12-31") == 7
    known = await value(platform, "registry.addicts_with_file", as_of="2023-12-31", known_at="2023-12-31")
    assert known == 1


async def test_one_human_being_under_two_numbers_counts_once_from_the_link_on_and_twice_when_it_is_undone(
    platform: Platform,
) -> None:
    log = Log()
    await fill(platform)
    listed(log, "a", "addict", date(2023, 2, 1))
    listed(log, "b", "addict", date(2023, 3, 1), commune=CHI_LINH)
    for who in ("a", "b"):
        log.link(who, "one", known=date(2023, 4, 1))
    await fold(platform, log.messages)
    await keep(platform)
    await nothing_differs(platform, "commune")
    assert await value(platform, "registry.addicts_with_file", as_of="2023-12-31") == 1
    log.link("b", "one", known=date(2023, 4, 1), unlink=True)
    await fold(platform, log.messages[-1:])
    await nothing_differs(platform, "commune")
    await keep(platform)
    await nothing_differs(platform, "commune")
    assert await value(platform, "registry.addicts_with_file", as_of="2023-12-31") == 2


async def test_a_value_that_is_back_at_nothing_leaves_no_cell(platform: Platform) -> None:
    log = Log()
    await fill(platform)
    empty = await stored(platform)
    listed(log, "a", "user", date(2023, 2, 1), presence="community")
    log.write(
        "methadone", "m", person=person("a"), commune=HAI_DUONG, facility="F1", enrolled_on=date(2023, 5, 1)
    )
    log.write("doses", "d", facility="F1", dosed_on=date(2023, 5, 1))
    await fold(platform, log.messages)
    await keep(platform)
    full = await stored(platform)
    assert len(full["cell"]) > 0
    log.write("registry", f"a {date(2023, 2, 1)}", void=True, recorded=date(2023, 6, 1))
    log.write("methadone", "m", void=True, recorded=date(2023, 6, 1))
    log.write("doses", "d", void=True, recorded=date(2023, 6, 1))
    await fold(platform, log.messages[3:])
    await keep(platform)
    assert await stored(platform) == empty


async def test_a_late_event_changes_three_cells_of_an_area_set_however_old_it_is(platform: Platform) -> None:
    log = Log()
    await fill(platform)
    log.write(
        "fires", "f", commune=HAI_DUONG, alarm_at="2009-05-06T03:00:00+07:00", place="house", occurred=FIRST
    )
    await fold(platform, log.messages)
    await keep(platform)
    area_sets = {part.area_set for part in places.parts() if part.place == HAI_DUONG}
    fires = f"({SERIES['fires.cases'].number},"
    cells = [row for row in (await stored(platform))["cell"] if row.startswith(fires)]
    assert len(cells) == 3 * len(area_sets)


async def test_filling_anew_gives_the_same_as_working_in_bit_by_bit(platform: Platform) -> None:
    log = Log()
    await fill(platform)
    for number in range(12):
        listed(log, f"p{number % 5}", "addict", date(2023, 1 + number, 3), presence="community")
        log.write("arrests", f"a{number}", person=person(f"p{number % 3}"), commune=CHI_LINH, case="c",
                  arrested_on=date(2023, 1 + number, 20))  # fmt: skip
    log.link("p1", "one", known=date(2023, 4, 1))
    log.link("p2", "one", known=date(2023, 5, 1))
    for message in log.messages:
        await fold(platform, [message])
        await keep(platform)
    bit_by_bit = await stored(platform)
    await fill(platform)
    assert await stored(platform) == bit_by_bit
    await nothing_differs(platform, "area")


async def test_more_marks_than_can_be_added_on_the_spot_leave_the_question_to_the_rows(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    await fill(platform)
    for number in range(4):
        listed(log, f"p{number}", "user", date(2023, 1, 1))
    await fold(platform, log.messages)
    async with platform.uow() as session:
        await session.execute(
            text("INSERT INTO g1.dirty (ref) SELECT gen_random_uuid() FROM generate_series(1, 600)")
        )
    found = await both(platform, PROVINCE, None, FIRST, DAY, ["registry.users"])
    assert [it.cells for it in found] == [None]
    assert await value(platform, "registry.users", as_of="2023-12-31") == 4


async def test_cells_of_other_definitions_are_not_believed(platform: Platform) -> None:
    await fill(platform)
    assert [
        it.cells is None for it in await both(platform, PROVINCE, None, FIRST, DAY, ["registry.users"])
    ] == [False]
    async with platform.uow() as session:
        await session.execute(text("UPDATE g1.covered SET fingerprint = 'another program'"))
    assert [
        it.cells is None for it in await both(platform, PROVINCE, None, FIRST, DAY, ["registry.users"])
    ] == [True]


async def filled(platform: Platform) -> bool:
    async with platform.uow() as session:
        return bool(await session.scalar(text("SELECT fingerprint IS NOT NULL FROM g1.covered")))


async def all_worked_in(platform: Platform) -> bool:
    return await marked(platform) == 0


async def test_the_keeper_fills_what_nobody_has_filled_and_then_follows(platform: Platform) -> None:
    log = Log()
    listed(log, "a", "user", date(2023, 1, 1))
    await fold(platform, log.messages)
    stop = asyncio.Event()
    maintainer = asyncio.create_task(AggregateMaintainer(platform).run(stop))

    await eventually(lambda: filled(platform), deadline=30)
    listed(log, "b", "user", date(2023, 1, 1))
    await fold(platform, log.messages[-1:])
    await eventually(lambda: all_worked_in(platform), deadline=30)
    stop.set()
    await maintainer
    await nothing_differs(platform)
    assert await value(platform, "registry.users", as_of="2023-12-31") == 2
    exposed = platform.metrics.expose().decode()
    assert "khopso_cells_ready 1.0" in exposed
    assert "khopso_cells_waiting_references 0.0" in exposed


async def test_what_is_folded_while_a_new_generation_is_filled_is_marked_there(platform: Platform) -> None:
    log = Log()
    listed(log, "a", "user", date(2023, 1, 1))
    async with platform.uow() as session:
        number = await generations.ask(session, NOW, "test")
        await generations.begin(session, number, NOW)
    await fold(platform, log.messages, generation=number)
    async with platform.uow() as session:
        await generations.add_indexes(await raw(session), number)
    await fill_cells(platform, number, "test")
    listed(log, "b", "user", date(2023, 1, 1))
    await fold(platform, log.messages[-1:], generation=number)
    async with platform.uow() as session:
        await generations.switch(session, 1, number, NOW)
    assert await value(platform, "registry.users", as_of="2023-12-31") == 2
    await keep(platform, generation=number)
    assert await value(platform, "registry.users", as_of="2023-12-31") == 2
    await nothing_differs(platform)
