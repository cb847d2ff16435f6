"""Opening + entries − exits = closing, the class of each entry and exit, and that tampering is caught."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.chassis.platform import Platform
from services.reporting.checks.balance import Balance, balance
from services.reporting.checks.history import read_ledger
from services.reporting.checks.ledger import FORMS
from services.reporting.checks.recompute import differences
from services.reporting.checks.restated import restated
from services.reporting.figures import snapshot
from services.reporting.figures.scope import Scope
from tests.component.reporting.checks.support import case, in_detox, on_methadone, same, slip
from tests.support.reporting import (
    CHI_LINH,
    HAI_DUONG,
    Log,
    fold,
    instant,
    listed,
    named,
)

PROVINCE, CITY, CHI = "30@2008", "288@2008", "290@2008"
JAN1, DEC31 = date(2023, 1, 1), date(2023, 12, 31)


async def balanced(
    platform: Platform,
    figure: str,
    uid: str = PROVINCE,
    *,
    first: date = JAN1,
    last: date = DEC31,
    by: str | None = "commune",
    known: date | datetime | None = None,
) -> Balance:
    at = None if known is None else instant(known)
    async with snapshot.reading(platform.uow) as (connection, _):
        book = await read_ledger(connection, FORMS[figure], at)
        return await balance(connection, figure, Scope(uid, last, first, at, by), book)


def whole(found: Balance) -> tuple[int, dict[str, int], dict[str, int], int]:
    line = found.whole
    return line.opening, line.entries, line.exits, line.closing


def rows(found: Balance) -> dict[str | None, tuple[int, dict[str, int], dict[str, int], int]]:
    return {line.row: (line.opening, line.entries, line.exits, line.closing) for line in found.lines[1:]}


async def test_a_year_of_methadone_balances_with_every_class_named(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "stays", date(2022, 1, 1))
    on_methadone(log, "ends", date(2022, 1, 1), ended_on=date(2023, 3, 1), end_reason="completed")
    on_methadone(log, "new", date(2023, 4, 1))
    on_methadone(log, "came back", date(2022, 1, 1), ended_on=date(2022, 9, 1), end_reason="dropped_out")
    on_methadone(log, "came back", date(2023, 5, 1), "F2")
    on_methadone(log, "moved site", date(2022, 1, 1), ended_on=date(2023, 6, 1), end_reason="transferred")
    on_methadone(log, "moved site", date(2023, 6, 1), "F2")
    on_methadone(log, "late at F2", date(2022, 1, 1), ended_on=date(2023, 6, 1), end_reason="transferred")
    on_methadone(log, "late at F2", date(2023, 6, 20), "F2")
    on_methadone(log, "one day", date(2023, 7, 1), ended_on=date(2023, 7, 1), end_reason="dropped_out")
    await fold(platform, log.messages)
    found = await balanced(platform, "methadone.active", by="facility")
    assert whole(found) == (
        4,
        {"new": 1, "returned": 1, "transferred_in": 1},
        {"ended:completed": 1, "transferred_out": 1},
        5,
    )
    assert rows(found) == {
        "F1": (4, {"new": 1}, {"ended:completed": 1, "moved_out": 1, "transferred_out": 1}, 2),
        "F2": (0, {"moved_in": 1, "returned": 1, "transferred_in": 1}, {}, 3),
    }
    assert found.holds


async def test_entered_less_left_is_explained_up_to_the_change_of_the_stock(platform: Platform) -> None:
    log = Log()
    ended: dict[str, Any] = {"ended_on": date(2023, 6, 1), "end_reason": "transferred"}
    on_methadone(log, "moved site", date(2022, 1, 1), **ended)
    on_methadone(log, "moved site", date(2023, 6, 1), "F2")
    on_methadone(log, "in and out", date(2023, 2, 1), ended_on=date(2023, 3, 1), end_reason="dropped_out")
    on_methadone(log, "in and out", date(2023, 4, 1), ended_on=date(2023, 5, 1), end_reason="dropped_out")
    on_methadone(log, "twice", date(2023, 2, 1))
    on_methadone(log, "twice", date(2023, 3, 1), "F2")
    on_methadone(log, "one day", date(2023, 7, 1), ended_on=date(2023, 7, 1), end_reason="dropped_out")
    await fold(platform, log.messages)
    flows = (await balanced(platform, "methadone.active")).flows
    assert flows is not None
    # Entered: moved site, in and out, twice, one day. Left: moved site, in and out, one day.
    assert (flows.entered, flows.left, flows.change) == (4, 3, 1)
    assert (flows.repeated_in, flows.repeated_out, flows.second) == (2, 1, 1)
    assert (flows.unexplained, flows.strays) == (0, ())


async def test_an_entry_that_left_no_stay_is_named(platform: Platform) -> None:
    await history(platform)
    async with platform.uow() as session:
        await session.execute(text("DELETE FROM g1.fact WHERE kind = 'methadone_entered'"))
    found = await balanced(platform, "methadone.active")
    assert not found.holds
    assert found.flows is not None
    assert [stray.subject for stray in found.flows.strays] == [str(named("methadone F1 binh 2023-04-01 F1"))]


async def test_moves_between_communes_cancel_in_the_province(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2022, 1, 1))
    listed(log, "an", "addict", date(2023, 5, 1), commune=CHI_LINH)
    await fold(platform, log.messages)
    province = await balanced(platform, "registry.addicts_with_file")
    assert whole(province) == (1, {}, {}, 1)
    assert rows(province) == {
        HAI_DUONG: (1, {}, {"moved_out": 1}, 0),
        CHI_LINH: (0, {"moved_in": 1}, {}, 1),
    }
    assert whole(await balanced(platform, "registry.addicts_with_file", CITY)) == (1, {}, {"moved_out": 1}, 0)
    assert whole(await balanced(platform, "registry.addicts_with_file", CHI)) == (0, {"moved_in": 1}, {}, 1)
    assert province.holds


async def test_a_change_of_status_leaves_one_stock_and_enters_another(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2022, 1, 1))
    listed(log, "an", "addict", date(2023, 5, 1), removed_on=date(2023, 9, 1))
    listed(log, "binh", "user", date(2023, 2, 1))
    await fold(platform, log.messages)
    users = await balanced(platform, "registry.users")
    assert whole(users) == (1, {"new": 1}, {"status_change": 1}, 1)
    addicts = await balanced(platform, "registry.addicts_with_file")
    assert whole(addicts) == (0, {"status_change": 1}, {"ended:removed": 1}, 0)
    assert users.holds
    assert addicts.holds


async def test_conditions_met_and_ended_are_entries_and_exits_of_their_own(platform: Platform) -> None:
    log = Log()
    listed(
        log,
        "an",
        "addict",
        date(2022, 1, 1),
        presence="community",
        psychosis=True,
        psychosis_from=date(2023, 3, 1),
    )
    in_detox(log, "an", date(2023, 4, 1), ended_on=date(2023, 10, 1), end_reason="completed")
    slip(log, "an", date(2023, 5, 1), "addicted")
    listed(log, "binh", "user", date(2022, 1, 1), has_decision=True, decision_date=date(2023, 2, 1))
    await fold(platform, log.messages)
    expected: dict[str, tuple[int, dict[str, int], dict[str, int], int]] = {
        "registry.addicts_in_community": (1, {"condition_met": 1}, {"condition_ended": 1}, 1),
        "registry.psychosis": (0, {"condition_met": 1}, {}, 1),
        "registry.addicts_with_slip": (0, {"condition_met": 1}, {}, 1),
        "registry.users_with_decision": (0, {"condition_met": 1}, {}, 1),
        "detox.in_facility": (0, {"new": 1}, {"ended:completed": 1}, 0),
    }
    for figure, want in expected.items():
        found = await balanced(platform, figure)
        assert whole(found) == want, figure
        assert found.holds, figure


async def test_links_make_one_of_two_from_when_they_are_known(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2023, 2, 1), "F1")
    on_methadone(log, "an at F2", date(2023, 3, 1), "F2", commune=CHI_LINH)
    same(log, "an", "an at F2", known=date(2023, 6, 1))
    await fold(platform, log.messages)
    before = await balanced(platform, "methadone.active", known=date(2023, 5, 1))
    after = await balanced(platform, "methadone.active")
    assert whole(before) == (0, {"new": 2}, {}, 2)
    assert whole(after) == (0, {"new": 1}, {}, 1)
    assert rows(after) == {HAI_DUONG: (0, {"new": 1}, {}, 1), CHI_LINH: (0, {"second_in": 1}, {}, 1)}
    assert before.holds
    assert after.holds


async def test_what_was_learnt_since_restates_the_opening_and_is_no_entry(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2022, 2, 1), "F1")
    on_methadone(log, "an at F2", date(2022, 3, 1), "F2")
    same(log, "an", "an at F2", known=date(2023, 6, 1))
    on_methadone(log, "late", date(2022, 5, 1), recorded=date(2023, 3, 1))
    on_methadone(log, "voided", date(2022, 5, 1))
    log.write("methadone", "voided 2022-05-01 F1", unit="F1", void=True, recorded=date(2023, 4, 1))
    on_methadone(log, "stays", date(2022, 5, 1))
    await fold(platform, log.messages)
    opening = Scope(PROVINCE, date(2022, 12, 31), None, None)
    async with snapshot.reading(platform.uow) as (connection, _):
        found = await restated(connection, "methadone.active", opening, instant(date(2023, 1, 1)))
    # Known then: an, an at F2 (two people), voided, stays. Known now: an, late, stays.
    assert (found.then, found.withdrawn, found.linked, found.separated, found.late) == (4, 1, 1, 0, 1)
    assert found.now == (await balanced(platform, "methadone.active")).whole.opening == 3
    assert found.records["withdrawn"] == [str(named("methadone F1 voided 2022-05-01 F1"))]
    assert found.records["late"] == [str(named("methadone F1 late 2022-05-01 F1"))]
    assert len(found.records["linked"]) == 2


async def test_a_new_hierarchy_is_a_class_of_its_own_and_creates_and_destroys_nobody(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "addict", date(2022, 1, 1))
    listed(log, "binh", "addict", date(2022, 1, 1), commune="10525@2008")
    await fold(platform, log.messages)
    found = await balanced(
        platform, "registry.addicts_with_file", "31@2025", first=date(2025, 1, 1), last=date(2025, 12, 31)
    )
    assert whole(found) == (2, {}, {}, 2)
    assert rows(found) == {
        HAI_DUONG: (1, {}, {"hierarchy": 1}, 0),
        "10525@2008": (1, {}, {"hierarchy": 1}, 0),
        "10525@2025": (0, {"hierarchy": 2}, {}, 2),
    }
    assert found.holds
    ward = await balanced(
        platform, "registry.addicts_with_file", "10525@2025", first=date(2025, 1, 1), last=date(2025, 12, 31)
    )
    assert whole(ward) == (0, {"hierarchy": 2}, {}, 2)


async def test_in_one_geography_a_new_hierarchy_moves_nobody(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "addict", date(2022, 1, 1))
    listed(log, "binh", "addict", date(2025, 3, 1), commune="10525@2008")
    await fold(platform, log.messages)
    scope = Scope("31@2025", DEC31, date(2025, 1, 1), None, "commune", geography=date(2025, 12, 31))
    async with snapshot.reading(platform.uow) as (connection, _):
        book = await read_ledger(connection, ["registry"], None)
        found = await balance(
            connection, "registry.addicts_with_file", replace(scope, day=date(2025, 12, 31)), book
        )
    assert found.holds
    assert rows(found) == {"10525@2025": (1, {"new": 1}, {}, 2)}


async def test_watched_places_and_facilities_balance_too(platform: Platform) -> None:
    log = Log()
    common: dict[str, Any] = {"commune": HAI_DUONG, "kind": "lodging", "place": "p1"}
    log.write("places", "p1 a", **common, valid_from=date(2022, 1, 1))
    log.write("places", "p1 b", **common, valid_from=date(2023, 5, 1), at_risk=True)
    log.write(
        "places",
        "p2",
        commune=HAI_DUONG,
        kind="hot_spot",
        place="p2",
        valid_from=date(2022, 1, 1),
        valid_to=date(2023, 6, 1),
        end_reason="eliminated",
    )
    log.write(
        "facilities",
        "F1",
        facility="F1",
        name="One",
        commune=HAI_DUONG,
        does=["methadone"],
        valid_from=date(2023, 2, 1),
    )
    await fold(platform, log.messages)
    venues = await balanced(platform, "venues.watched")
    assert whole(venues) == (1, {"renewed": 1}, {"renewed": 1}, 1)
    assert whole(await balanced(platform, "hot_spots.open")) == (1, {}, {"ended": 1}, 0)
    assert whole(await balanced(platform, "methadone.sites")) == (0, {"new": 1}, {}, 1)
    assert venues.holds


async def history(platform: Platform) -> None:
    log = Log()
    on_methadone(log, "an", date(2022, 1, 1), ended_on=date(2023, 3, 1), end_reason="completed")
    on_methadone(log, "binh", date(2023, 4, 1))
    listed(log, "an", "addict", date(2022, 1, 1), presence="community")
    in_detox(log, "an", date(2023, 5, 1))
    slip(log, "an", date(2022, 1, 1), "addicted")
    case(log, "c", date(2023, 1, 1))
    log.link("an", "one", known=date(2023, 1, 1))
    log.link("an elsewhere", "one", known=date(2023, 1, 2))
    await fold(platform, log.messages)


@pytest.mark.parametrize(
    ("statement", "figure", "records"),
    [
        (
            "UPDATE g1.spell SET valid_to = '2023-12-01' WHERE kind = 'methadone' AND valid_to > '2100-01-01'",
            "methadone.active",
            {"binh"},
        ),
        ("DELETE FROM g1.spell WHERE kind = 'methadone'", "methadone.active", {"an", "binh"}),
        ("UPDATE g1.spell SET code = 'user' WHERE kind = 'status'", "registry.addicts_with_file", {"an"}),
        (
            "UPDATE g1.spell SET area = '10546@2008' WHERE kind = 'status'",
            "registry.addicts_with_file",
            {"an"},
        ),
        ("DELETE FROM g1.presence WHERE rank = 2", "registry.addicts_in_community", {"an"}),
    ],
)
async def test_a_stored_row_that_was_tampered_with_breaks_the_balance_and_is_named(
    platform: Platform, statement: str, figure: str, records: set[str]
) -> None:
    await history(platform)
    assert (await balanced(platform, figure)).holds
    async with platform.uow() as session:
        await session.execute(text(statement))
    found = await balanced(platform, figure)
    assert not found.holds
    strays = {stray.subject for stray in found.flows.strays} if found.flows else set()
    members = {finding.subject for finding in found.violations} - strays
    assert members == {str(named(f"ref {who}")) for who in records}


async def test_recomputation_finds_no_difference_in_what_was_folded(platform: Platform) -> None:
    await history(platform)
    async with snapshot.reading(platform.uow) as (connection, _):
        assert await differences(connection) == []
        assert await differences(connection, sample=2) == []


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("UPDATE g1.spell SET valid_to = '2023-12-01' WHERE kind = 'detox'", "detox centre an 2023-05-01"),
        (
            "UPDATE g1.fact SET attrs = '{\"subjects\": 2}' WHERE kind = 'case_detected'",
            "drug_cases police:288 c",
        ),
        ("DELETE FROM g1.presence WHERE rank = 0", "registry police:288 an 2022-01-01"),
        ("DELETE FROM g1.version WHERE form = 'determination'", "determination F1 an 2022-01-01"),
        ("DELETE FROM g1.person", "ref an elsewhere"),
        (
            "UPDATE g1.spell SET known_from = known_from + interval '1 day' WHERE kind = 'status'",
            "registry police:288 an 2022-01-01",
        ),
    ],
)
async def test_recomputation_names_every_record_that_was_tampered_with(
    platform: Platform, statement: str, subject: str
) -> None:
    await history(platform)
    async with platform.uow() as session:
        await session.execute(text(statement))
    async with snapshot.reading(platform.uow) as (connection, _):
        found = await differences(connection)
    assert {finding.subject for finding in found} == {str(named(subject))}
