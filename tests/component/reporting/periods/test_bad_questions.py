"""Bad questions get clear answers: field, value, rule, both languages, and what to ask instead."""

from datetime import date
from typing import Any

import pytest

from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security.auth import Principal
from services.reporting.figures import Reader, may_ask
from services.reporting.figures.questions import parse_question
from tests.support.reporting import NOW, Log, ask, fold, person

DAY = {"as_of": "2026-01-01"}
YEAR = {"calendar": "health", "period": "2023"}


def fault_of(code: str, given: dict[str, str]) -> tuple[int, Fault]:
    with pytest.raises(Problem) as refused:
        parse_question(code, given, NOW)
    assert len(refused.value.faults) == 1, [fault.rule for fault in refused.value.faults]
    return refused.value.status, refused.value.faults[0]


def says(fault: Fault, *parts: str) -> bool:
    """Both languages say all of it."""
    return all(part in fault.message.vi and part in fault.message.en for part in parts)


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("registry.adicts_with_file", "registry.addicts_with_file"),
        ("methadone.actve", "methadone.active"),
        ("fires", "fires.cases"),
        ("addicts_with_file", "registry.addicts_with_file"),
    ],
)
def test_an_unknown_figure_names_the_likeliest_codes(code: str, near: str) -> None:
    status, fault = fault_of(code, {})
    assert (status, fault.field, fault.value, fault.rule) == (404, "figure", code, "figure")
    assert says(fault, near)


def test_a_figure_like_none_is_still_said_to_be_unknown() -> None:
    _, fault = fault_of("zzzzqqq", {})
    assert fault.message.vi
    assert fault.message.en


@pytest.mark.parametrize(
    ("code", "given", "field", "rule"),
    [
        ("registry.users", {"from": "2023-01-01"}, "from", "stock_with_period"),
        ("fires.cases", {"as_of": "2023-01-01"}, "as_of", "flow_with_day"),
        ("registry.users", {"as_of": "2023-01-01", "by": "venue"}, "by", "dimension"),
        ("registry.users", YEAR | {"as_of": "2023-01-01"}, "as_of", "period_and_days"),
        ("fires.cases", YEAR | {"from": "2023-01-01"}, "from", "period_and_days"),
        ("fires.cases", YEAR | {"to": "2023-01-01"}, "to", "period_and_days"),
        ("fires.cases", {"period": "2023"}, "calendar", "calendar_needed"),
        ("fires.cases", {"calendar": "health"}, "period", "period_of_calendar_needed"),
        ("fires.cases", {"calendar": "lunar", "period": "2023"}, "calendar", "calendar_unknown"),
        ("fires.cases", {"calendar": "health", "period": "2023-05"}, "period", "period_unknown"),
        ("fires.cases", {"calendar": "committee", "period": "2023-Q1"}, "period", "period_unknown"),
        ("fires.cases", {"calendar": "labour", "period": "2026"}, "period", "period_not_then"),
        ("registry.users", DAY | {"geography": "1999-12-31"}, "geography", "geography_too_early"),
        ("registry.users", DAY | {"geography": "2023"}, "geography", "date"),
    ],
)
def test_a_question_that_fits_no_figure_or_calendar_names_its_fault(
    code: str, given: dict[str, str], field: str, rule: str
) -> None:
    status, fault = fault_of(code, given)
    assert (status, fault.field, fault.value, fault.rule) == (422, field, given.get(field), rule)
    assert fault.message.vi != fault.message.en


def test_an_unknown_calendar_or_period_lists_those_there_are() -> None:
    assert says(fault_of("fires.cases", {"calendar": "lunar", "period": "2023"})[1], "civil", "health")
    assert says(fault_of("fires.cases", {"calendar": "health", "period": "2023-05"})[1], "2023-Q1", "2023-Q4")


def test_a_merged_commune_says_which_it_became() -> None:
    status, fault = fault_of("registry.users", DAY | {"area": "10516"})
    assert (status, fault.field, fault.value, fault.rule) == (404, "area", "10516", "area_not_then")
    assert says(fault, "Phường Quang Trung", "2025-06-30", "10525 Phường Hải Dương", "geography=2025-06-30")


def test_a_divided_commune_names_all_its_parts() -> None:
    _, fault = fault_of("registry.users", DAY | {"area": "10972@2008"})
    assert says(fault, "10972 Xã Đường An", "10993 Xã Thượng Hồng")


def test_a_commune_without_a_known_successor_says_so() -> None:
    _, fault = fault_of("registry.users", {"as_of": "2025-01-01", "area": "10522"})
    assert says(fault, "Phạm Ngũ Lão", "2024-11-30")
    assert "không rõ đơn vị kế tiếp" in fault.message.vi
    assert "not known" in fault.message.en


def test_an_old_district_says_how_to_ask_for_it_all_the_same() -> None:
    _, fault = fault_of("registry.users", DAY | {"area": "288"})
    assert says(fault, "Thành phố Hải Dương", "by=region", "geography=2025-06-30")
    question = parse_question("registry.users", DAY | {"area": "288", "geography": "2025-06-30"}, NOW)
    assert question.area.uid == "288@2008"


def test_an_area_that_came_later_says_since_when_and_what_of() -> None:
    _, fault = fault_of("registry.users", {"as_of": "2023-01-01", "area": "10525@2025"})
    assert says(fault, "Phường Hải Dương", "2025-07-01", "10516 Phường Quang Trung")
    _, fault = fault_of("registry.users", {"as_of": "2023-01-01", "area": "31"})
    assert says(fault, "Thành phố Hải Phòng", "30 Tỉnh Hải Dương")


def test_the_area_must_exist_in_the_hierarchy_asked_and_not_on_the_day() -> None:
    question = parse_question(
        "registry.users", {"as_of": "2023-01-01", "area": "31", "geography": "2026-01-01"}, NOW
    )
    assert question.area.uid == "31@2025"
    _, fault = fault_of("registry.users", {"as_of": "2023-01-01", "area": "30", "geography": "2026-01-01"})
    assert fault.rule == "area_not_then"


async def test_knowledge_before_the_first_record_names_the_first(platform: Platform) -> None:
    log = Log()
    given: dict[str, Any] = {"commune": "10513@2008", "status": "user", "status_from": date(2023, 1, 5)}
    log.write("registry", "an", person=person("an"), **given)
    await fold(platform, log.messages)
    with pytest.raises(Problem) as refused:
        await ask(platform, "registry.users", as_of="2023-06-01", known_at="2023-01-04")
    (fault,) = refused.value.faults
    assert (fault.field, fault.value, fault.rule) == ("known_at", "2023-01-04", "known_at_before_first")
    assert says(fault, "2023-01-04T17:00:00+00:00")  # the start of 5 January in Vietnam


def test_a_province_that_went_on_under_another_code_may_be_asked_about_by_its_own_units() -> None:
    old, new, district = (
        Reader.of(Principal(unit, "30", "official", "a"), NOW.date())
        for unit in ("committee:30", "committee:31", "police:288")
    )
    year_in_new_areas = parse_question(
        "registry.users", {"as_of": "2023-12-14", "geography": "2025-07-01"}, NOW
    )
    old_year = parse_question("registry.users", {"as_of": "2023-12-14"}, NOW)
    for question in (year_in_new_areas, old_year):
        assert may_ask(old, question)
        assert may_ask(new, question)
        assert not may_ask(district, question)
