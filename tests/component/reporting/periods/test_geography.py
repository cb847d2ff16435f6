"""Figures in the hierarchy of another date, worked through by hand with the province's own communes."""

from datetime import date
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.reporting.figures import snapshot
from services.reporting.figures.answering import scope_of
from services.reporting.figures.membership import members, total
from services.reporting.figures.questions import parse_question
from tests.support.reporting import NOW, Log, ask, fold, person, rows, value

NEW, OLD = {"geography": "2025-07-01"}, {"geography": "2023-12-31"}
ADDICTS = "registry.addicts_with_file"
# Thống Nhất (Gia Lộc) was divided between Thạch Khôi and Yết Kiêu; its people by their addresses since.
DIVIDED, THACH_KHOI, YET_KIEU = "11008@2008", "11002@2025", "11020@2025"
LOST = f"unattributed:{DIVIDED}"
DAY, LATER = {"as_of": "2023-12-14"}, {"as_of": "2025-12-14"}


def addict(log: Log, who: str, commune: str, since: date = date(2023, 1, 1), **more: Any) -> None:
    given: dict[str, Any] = {
        "person": person(who),
        "commune": commune,
        "status": "addict",
        "status_from": since,
    }
    log.write("registry", f"{who} {since}", **(given | more))


def slip(log: Log, who: str, commune: str, on: date, **more: Any) -> None:
    given: dict[str, Any] = {
        "person": person(who),
        "commune": commune,
        "facility": "F1",
        "clinician": "c",
        "requested_on": on,
    }
    log.write("determination", f"{who} {on}", concluded_on=on, conclusion="addicted", **(given | more))


async def test_2023_in_the_hierarchy_of_2025_keeps_everybody_and_guesses_nobody(platform: Platform) -> None:
    log = Log()
    addict(log, "stays", DIVIDED)
    addict(log, "moves", DIVIDED)
    addict(log, "whole", "10516@2008")
    slip(log, "moves", YET_KIEU, date(2025, 9, 1))
    await fold(platform, log.messages)
    assert await rows(platform, ADDICTS, "commune", **DAY) == {"11008": 2, "10516": 1}
    assert await rows(platform, ADDICTS, "commune", **DAY, **NEW) == {"10525": 1, "11020": 1, LOST: 1}
    assert await value(platform, ADDICTS, **DAY) == await value(platform, ADDICTS, **DAY, **NEW) == 3
    assert await value(platform, ADDICTS, area="11020", **DAY, **NEW) == 1
    assert await value(platform, ADDICTS, area="11002", **DAY, **NEW) == 0


async def test_a_divided_commune_is_named_with_its_parts(platform: Platform) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    await fold(platform, log.messages)
    document = await ask(platform, ADDICTS, by="commune", **DAY, **NEW)
    names = {row["commune"]: row["name"] for row in document["rows"] if row["value"]}
    assert names == {LOST: "Chưa phân bổ: Xã Thống Nhất (đã chia cho: Phường Thạch Khôi, Xã Yết Kiêu)"}
    assert document["overlap"] == 0


async def test_a_commune_whose_successor_only_its_shape_tells_is_unattributed_until_the_day_of_the_shapes(
    platform: Platform,
) -> None:
    log = Log()
    addict(log, "bình", "10522@2008")
    await fold(platform, log.messages)
    for geography, row, name in (
        (
            "2024-12-01",
            "unattributed:10522@2008",
            "Chưa phân bổ: Phường Phạm Ngũ Lão (không rõ đơn vị kế tiếp)",
        ),
        ("2025-06-30", "unattributed:10522@2008", None),
        ("2025-07-01", "10532", "Phường Lê Thanh Nghị"),
    ):
        document = await ask(platform, ADDICTS, by="commune", geography=geography, **DAY)
        found = {row["commune"]: row["name"] for row in document["rows"] if row["value"]}
        assert list(found) == [row]
        assert name is None or found[row] == name
        assert (document["value"], document["overlap"]) == (1, 0)


async def test_back_in_time_a_commune_of_2025_holds_the_land_that_only_shapes_gave_it(
    platform: Platform,
) -> None:
    log = Log()
    addict(log, "an", "10532@2025", date(2025, 8, 1))
    await fold(platform, log.messages)
    for geography in ("2024-12-01", "2023-12-31"):
        found = await rows(platform, ADDICTS, "area", geography=geography, **LATER)
        assert found == {"288": 1}, "all that it was made of lies in one district"


async def test_the_latest_address_counts_and_only_what_was_known(platform: Platform) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    slip(log, "an", YET_KIEU, date(2025, 9, 1))
    slip(log, "an", THACH_KHOI, date(2026, 2, 1))
    await fold(platform, log.messages)
    known = {
        name: await rows(platform, ADDICTS, "commune", known_at=name, **DAY, **NEW)
        for name in ("2025-08-31", "2025-09-01", "2026-02-01")
    }
    assert known == {"2025-08-31": {LOST: 1}, "2025-09-01": {"11020": 1}, "2026-02-01": {"11002": 1}}


async def test_an_address_of_another_record_of_the_same_human_being_counts_too(platform: Platform) -> None:
    log = Log()
    addict(log, "register", DIVIDED)
    slip(log, "clinic", YET_KIEU, date(2025, 9, 1))
    for ref in ("register", "clinic"):
        log.link(ref, "an", known=date(2026, 3, 1))
    await fold(platform, log.messages)
    assert await rows(platform, ADDICTS, "commune", known_at="2026-02-28", **DAY, **NEW) == {LOST: 1}
    assert await rows(platform, ADDICTS, "commune", known_at="2026-03-01", **DAY, **NEW) == {"11020": 1}


async def test_after_the_division_a_later_address_is_a_move_and_leaves_earlier_days_alone(
    platform: Platform,
) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    slip(log, "an", YET_KIEU, date(2025, 9, 1))
    await fold(platform, log.messages)
    assert await rows(platform, ADDICTS, "commune", as_of="2025-08-31") == {LOST: 1}
    assert await rows(platform, ADDICTS, "commune", as_of="2025-09-01") == {"11020": 1}


async def test_what_happens_at_places_is_nobodys_and_stays_unattributed(platform: Platform) -> None:
    log = Log()
    case: dict[str, Any] = {
        "commune": DIVIDED,
        "detected_on": date(2023, 5, 1),
        "offence": "trade",
        "subjects": 2,
    }
    log.write("drug_cases", "1", **case)
    slip(log, "an", YET_KIEU, date(2025, 9, 1))
    await fold(platform, log.messages)
    year = {"since": "2023-01-01", "to": "2023-12-31"}
    assert await rows(platform, "drug_cases.subjects", "commune", **year, **NEW) == {LOST: 2}


async def test_2025_in_the_hierarchy_of_2023_goes_back_where_the_lineage_is_one_to_one(
    platform: Platform,
) -> None:
    log = Log()
    since = date(2025, 8, 1)
    addict(log, "several of one district", "10525@2025", since)
    addict(log, "several of two districts", THACH_KHOI, since)
    addict(log, "from elsewhere", "11911@2025", since)
    await fold(platform, log.messages)
    found = await ask(platform, ADDICTS, by="area", **LATER, **OLD)
    shown = {row["area"]: row["value"] for row in found["rows"] if row["value"]}
    assert shown == {"288": 1, "unattributed:11002@2025": 1, "unattributed:11911@2025": 1}
    assert found["value"] == await value(platform, ADDICTS, **LATER) == 3
    assert await value(platform, ADDICTS, area="288", **LATER, **OLD) == 1
    communes = await rows(platform, ADDICTS, "commune", area="288", **LATER, **OLD)
    assert communes == {"unattributed:10525@2025": 1}


async def test_old_districts_are_reporting_regions_for_comparing_years(platform: Platform) -> None:
    log = Log()
    addict(log, "2023", "10516@2008")
    addict(log, "2025", "10525@2025", date(2025, 8, 1))
    addict(log, "two districts", THACH_KHOI, date(2025, 8, 1))
    await fold(platform, log.messages)
    assert await rows(platform, ADDICTS, "region", **DAY) == {"288": 1}
    later = await ask(platform, ADDICTS, by="region", **LATER)
    assert len([row for row in later["rows"] if ":" not in row["region"]]) == 12
    assert {row["region"]: row["value"] for row in later["rows"] if row["value"]} == {
        "288": 2,
        "unattributed:11002@2025": 1,
    }
    name = next(row["name"] for row in later["rows"] if row["region"] == "unattributed:11002@2025")
    assert "Huyện Gia Lộc" in name
    assert "Thành phố Hải Dương" in name


async def test_communes_with_a_drug_problem_are_those_of_the_hierarchy_asked(platform: Platform) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    addict(log, "bình", "10516@2008")
    addict(log, "cúc", "10513@2008")  # the same ward since 2025
    await fold(platform, log.messages)
    code = "areas.with_drug_problem"
    assert await value(platform, code, **DAY) == 3
    document = await ask(platform, code, by="commune", **DAY, **NEW)
    assert document["value"] == 1
    assert [one["area"] for one in document["unplaced"]] == [DIVIDED]
    assert "Thống Nhất" in document["unplaced"][0]["name"]
    slip(log, "an", YET_KIEU, date(2025, 9, 1))
    await fold(platform, log.messages[-1:])
    document = await ask(platform, code, by="commune", **DAY, **NEW)
    assert document["value"] == 2
    assert "unplaced" not in document


@pytest.mark.parametrize(("day", "total"), [("2023-12-14", 235), ("2024-12-14", 207), ("2025-12-14", 114)])
async def test_each_hierarchy_has_its_own_number_of_communes_whatever_the_day(
    empty: Platform, day: str, total: int
) -> None:
    asked = {"as_of": "2023-12-14", "geography": day}
    both = [await value(empty, f"areas.{name}_drug_problem", **asked) for name in ("with", "without")]
    assert both == [0, total]
    found = await ask(empty, "areas.risk.unclassified", by="region", **asked)
    assert sum(row["value"] for row in found["rows"]) == total


async def test_a_target_of_the_whole_province_is_that_of_the_province_that_it_became(
    platform: Platform,
) -> None:
    log = Log()
    year: dict[str, Any] = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 31)}
    for area, number in (("30@2008", 180), ("10516@2008", 5), ("10513@2008", 6)):
        log.write(
            "targets",
            area,
            unit="committee:30",
            figure="detox.compulsory_admitted",
            area=area,
            value=number,
            recorded=date(2023, 1, 15),
            **year,
        )
    await fold(platform, log.messages)
    asked = {"calendar": "civil", "period": "2023"}
    code = "detox.compulsory_target"
    assert await value(platform, code, **asked, **NEW) == 180
    assert await value(platform, code, area="10516", **asked) == 5
    # Two wards with a target each became one: a target answers for its own area only.
    assert await value(platform, code, area="10525", **asked, **NEW) is None


async def test_members_of_a_figure_honour_the_hierarchy(platform: Platform) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    addict(log, "bình", DIVIDED)
    slip(log, "an", YET_KIEU, date(2025, 9, 1))
    await fold(platform, log.messages)
    question = parse_question(ADDICTS, DAY | NEW | {"area": "11020", "by": "commune"}, NOW)
    async with snapshot.reading(platform.uow) as (connection, _):
        found = await members(connection, ADDICTS, scope_of(question))
    assert [(member.area, member.row) for member in found] == [(DIVIDED, "11020")]
    assert total(ADDICTS, found) == 1
