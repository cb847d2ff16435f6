"""Areas through time, breakdowns, and bad questions: each gets a clear answer."""

from datetime import date
from typing import Any

import pytest

from reference.figures import FIGURES, time_kind
from reference.pack.areas import area_book
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.figures.questions import dimensions
from tests.support.reporting import Log, ask, fold, person, rows, value

PERIOD = {"since": "2023-01-01", "to": "2023-12-31"}


def when(code: str, day: str = "2023-12-31") -> dict[str, str]:
    return {"as_of": day} if time_kind(FIGURES[code]) == "stock" else {"since": f"{day[:4]}-01-01", "to": day}


def addict(log: Log, who: str, commune: str, since: date = date(2023, 1, 1)) -> None:
    log.write("registry", who, person=person(who), commune=commune, status="addict", status_from=since)


@pytest.mark.parametrize("code", sorted(FIGURES))
async def test_every_figure_answers_on_empty_tables_in_every_dimension(empty: Platform, code: str) -> None:
    for by in (None, *dimensions(FIGURES[code])):
        given = when(code) | ({} if by is None else {"by": by})
        document = await ask(empty, code, **given)
        assert document["figure"] == code
        assert document["area"] == "30"
        assert document["value"] in (0, None, 235)
        if by in ("area", "commune", "region"):
            assert len(document["rows"]) == {"area": 12, "commune": 235, "region": 12}[by]


async def test_children_are_listed_with_zeros_in_the_order_of_their_codes(platform: Platform) -> None:
    log = Log()
    addict(log, "an", "10546@2008")
    await fold(platform, log.messages)
    document = await ask(platform, "registry.addicts_with_file", as_of="2023-02-01", by="area")
    codes = [row["area"] for row in document["rows"]]
    assert codes == sorted(codes)
    assert sum(row["value"] for row in document["rows"]) == document["value"] == 1
    inside = await ask(platform, "registry.addicts_with_file", as_of="2023-02-01", by="area", area="290")
    expected = len(area_book().children("290@2008", date(2023, 2, 1)))
    assert (len(inside["rows"]), inside["value"]) == (expected, 1)


async def test_a_commune_asked_by_area_is_its_own_only_row(platform: Platform) -> None:
    log = Log()
    addict(log, "an", "10546@2008")
    await fold(platform, log.messages)
    document = await ask(platform, "registry.addicts_with_file", as_of="2023-02-01", by="area", area="10546")
    assert document["rows"] == [{"area": "10546", "name": "Phường Phả Lại", "value": 1}]


async def test_merged_communes_carry_their_records_and_divided_ones_are_shown_as_unattributed(
    platform: Platform,
) -> None:
    log = Log()
    addict(log, "whole", "10624@2008")
    addict(log, "unknown successor", "10522@2008")
    await fold(platform, log.messages)
    book = area_book()
    assert book.carried_to("10522@2008", date(2025, 1, 1)) is None
    day = {"as_of": "2025-01-01"}
    assert await value(platform, "registry.addicts_with_file", **day) == 2
    found = await rows(platform, "registry.addicts_with_file", "commune", **day)
    assert found == {"10621": 1, "unattributed:10522@2008": 1}
    above = book.by_uid[book.nearest_known("10522@2008", date(2025, 1, 1)) or ""]
    inside = await ask(platform, "registry.addicts_with_file", **day, area=above.code, by="area")
    assert {row["area"]: row["value"] for row in inside["rows"] if row["value"]} == {
        "unattributed:10522@2008": 1
    }
    assert inside["overlap"] == 0


async def test_the_total_is_the_same_before_and_after_the_province_was_merged(platform: Platform) -> None:
    log = Log()
    communes = sorted(a.uid for a in area_book().communes("30@2008", date(2023, 1, 1)))
    for number, commune in enumerate(communes):
        addict(log, f"person {number}", commune)
    await fold(platform, log.messages)
    for day, area in (("2024-11-30", "30"), ("2024-12-01", "30"), ("2025-07-01", "31")):
        for by in ("area", "commune"):
            document = await ask(platform, "registry.addicts_with_file", as_of=day, by=by)
            assert document["area"] == area
            assert (document["value"], document["overlap"]) == (235, 0)


async def test_a_code_means_the_area_that_it_named_on_the_day(platform: Platform) -> None:
    reused = "10525"  # Phường Trần Hưng Đạo until 2025, phường Hải Dương since
    log = Log()
    addict(log, "an", f"{reused}@2008")
    await fold(platform, log.messages)
    assert await value(platform, "registry.addicts_with_file", as_of="2023-02-01", area=reused) == 1
    carried = area_book().carried_to(f"{reused}@2008", date(2026, 1, 1))
    now = area_book().resolve(reused, date(2026, 1, 1))
    assert now is not None
    expected = 1 if carried == now.uid else 0
    assert await value(platform, "registry.addicts_with_file", as_of="2026-01-01", area=reused) == expected


BAD: list[tuple[str, dict[str, str], int, str, str]] = [
    ("registry.nonsense", {}, 404, "figure", "figure"),
    ("registry.users", {"since": "2023-01-01", "to": "2023-12-31"}, 422, "from", "stock_with_period"),
    ("fires.cases", {"as_of": "2023-01-01"}, 422, "as_of", "flow_with_day"),
    ("fires.cases", {"since": "2023-01-01"}, 422, "to", "period_needed"),
    ("fires.cases", {"since": "2023-02-01", "to": "2023-01-01"}, 422, "to", "period_backwards"),
    ("fires.cases", {"since": "32/01/2023", "to": "2023-01-01"}, 422, "from", "date"),
    ("registry.users", {"as_of": "2023-02-30"}, 422, "as_of", "date"),
    ("registry.users", {"as_of": "２０２３-11-30"}, 422, "as_of", "date"),
    ("registry.users", {"as_of": "٣٠/11/2023"}, 422, "as_of", "date"),
    ("registry.users", {"as_of": "2023-11-30", "known_at": "２０２３-11-30"}, 422, "known_at", "known_at"),
    ("registry.users", {"as_of": "2023-01-01", "by": "venue"}, 422, "by", "dimension"),
    (
        "registry.users",
        {"as_of": "2023-01-01", "area_of": "facility"},
        422,
        "area_of",
        "area_of_not_available",
    ),
    ("registry.users", {"as_of": "2023-01-01", "area_of": "moon"}, 422, "area_of", "area_of"),
    ("registry.users", {"as_of": "2023-01-01", "area": "99999"}, 404, "area", "area_unknown"),
    ("registry.users", {"as_of": "2026-01-01", "area": "288"}, 404, "area", "area_not_then"),
    ("registry.users", {"as_of": "2026-01-01", "area": "288@2008"}, 404, "area", "area_not_then"),
    ("registry.users", {"as_of": "2023-01-01", "known_at": "yesterday"}, 422, "known_at", "known_at"),
    (
        "registry.users",
        {"as_of": "2023-01-01", "known_at": "2022-12-31"},
        422,
        "known_at",
        "known_at_before_first",
    ),
    ("registry.users", {"as_of": "2023-01-01", "colour": "red"}, 422, "colour", "unknown_parameter"),
]


@pytest.mark.parametrize(("code", "given", "status", "field", "rule"), BAD)
async def test_a_bad_question_gets_its_rule_in_both_languages(
    platform: Platform, code: str, given: dict[str, str], status: int, field: str, rule: str
) -> None:
    log = Log()
    addict(log, "an", "10546@2008")
    await fold(platform, log.messages)
    with pytest.raises(Problem) as refused:
        await ask(platform, code, **given)
    faults: Any = refused.value.faults
    assert refused.value.status == status
    assert (faults[0].field, faults[0].rule) == (field, rule)
    assert faults[0].message.vi
    assert faults[0].message.en


async def test_all_faults_of_a_question_come_at_once(platform: Platform) -> None:
    with pytest.raises(Problem) as refused:
        await ask(platform, "fires.cases", as_of="x", by="moon", known_at="never")
    assert {fault.field for fault in refused.value.faults} == {"as_of", "by", "known_at"}


async def test_dates_may_be_written_the_vietnamese_way(platform: Platform) -> None:
    log = Log()
    addict(log, "an", "10546@2008")
    await fold(platform, log.messages)
    document = await ask(platform, "registry.addicts_with_file", as_of="01/02/2023", known_at="01/02/2023")
    assert (document["as_of"], document["value"]) == ("2023-02-01", 1)
