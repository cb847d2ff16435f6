"""Wrong questions over HTTP: each fault names field, value and rule, and says in both languages what would be right."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW

CALLERS = {"official": Principal("committee:30", "30", "official", "a")}
STOCK, FLOW = "registry.users", "fires.cases"
Wrong = tuple[str, str, int, str, str | None, str, str]
# Figure, parameters, status, then the fault: field, value, rule, and what both languages say.
WRONG: list[Wrong] = [
    ("registry.user", "", 404, "figure", "registry.user", "figure", "registry.users"),
    ("METHADONE.ACTVE", "", 404, "figure", "METHADONE.ACTVE", "figure", "methadone.active"),
    ("xyz", "", 404, "figure", "xyz", "figure", ""),
    (STOCK, "from=2023-01-01&to=2023-12-31", 422, "from", "2023-01-01", "stock_with_period", "as_of"),
    (STOCK, "as_of=2023-12-31&to=2023-12-31", 422, "to", "2023-12-31", "stock_with_period", "as_of"),
    (FLOW, "as_of=2023-12-31", 422, "as_of", "2023-12-31", "flow_with_day", "from"),
    (FLOW, "", 422, "from", None, "period_needed", "from"),
    (FLOW, "from=2023-01-01", 422, "to", None, "period_needed", "to"),
    (FLOW, "from=01/02/2023&to=01/01/2023", 422, "to", "01/01/2023", "period_backwards", "2023-02-01"),
    (FLOW, "from=2023-13-01&to=2023-12-31", 422, "from", "2023-13-01", "date", "dd/mm/yyyy"),
    (STOCK, "as_of=31/02/2023", 422, "as_of", "31/02/2023", "date", "yyyy-mm-dd"),
    (STOCK, "as_of=12/31/2023", 422, "as_of", "12/31/2023", "date", "dd/mm/yyyy"),
    (STOCK, "as_of=1/2/23", 422, "as_of", "1/2/23", "date", "dd/mm/yyyy"),
    (STOCK, "as_of=20231231", 422, "as_of", "20231231", "date", "yyyy-mm-dd"),
    (STOCK, "as_of=2023-12-31T10:00", 422, "as_of", "2023-12-31T10:00", "date", "yyyy-mm-dd"),
    (STOCK, "as_of=0001-01-01", 422, "as_of", "0001-01-01", "date", ""),
    (STOCK, "as_of=today", 422, "as_of", "today", "date", "dd/mm/yyyy"),
    (STOCK, "as_of=", 422, "as_of", "", "parameter_blank", ""),
    (STOCK, "area=", 422, "area", "", "parameter_blank", ""),
    (STOCK, "by=%20", 422, "by", " ", "parameter_blank", ""),
    (STOCK, "known_at=", 422, "known_at", "", "parameter_blank", ""),
    (STOCK, "by=sex&by=area", 422, "by", "area", "parameter_twice", ""),
    (STOCK, "area=30&area=288", 422, "area", "288", "parameter_twice", ""),
    (STOCK, "asOf=2023-12-31", 422, "asOf", "2023-12-31", "unknown_parameter", "as_of"),
    (STOCK, "date=2023-12-31", 422, "date", "2023-12-31", "unknown_parameter", "as_of"),
    (STOCK, "by=venue", 422, "by", "venue", "dimension", "age_band"),
    (STOCK, "by=district", 422, "by", "district", "dimension", "area"),
    (STOCK, "by=sex,offence", 422, "by", "sex,offence", "dimension", "age_band"),
    (STOCK, "by=sex,", 422, "by", "sex,", "dimension", "age_band"),
    (STOCK, "by=sex,sex", 422, "by", "sex,sex", "dimension_partner", "age_band"),
    (STOCK, "by=area,commune", 422, "by", "area,commune", "dimension_partner", "age_band"),
    (STOCK, "by=area,sex,status", 422, "by", "area,sex,status", "dimension_two", "area,age_band"),
    (STOCK, "by=area,sex&per=100000", 422, "per", "100000", "rate_of_table", "by=area"),
    ("areas.drug_hot", "by=area,sex", 422, "by", "area,sex", "dimension_areas_only", "commune"),
    (
        "registry.users_with_decision_pct",
        "by=area,sex",
        422,
        "by",
        "area,sex",
        "dimension_areas_only",
        "region",
    ),
    ("registry.users_with_decision_pct", "by=sex", 422, "by", "sex", "dimension", "commune"),
    (STOCK, "area_of=facility", 422, "area_of", "facility", "area_of_not_available", ""),
    ("methadone.active", "area_of=clinic", 422, "area_of", "clinic", "area_of", "residence"),
    (STOCK, "area=99999", 404, "area", "99999", "area_unknown", "code@year"),
    (STOCK, "area=01", 404, "area", "01", "area_unknown", "code@year"),
    (STOCK, "area=10525@2010", 404, "area", "10525@2010", "area_unknown", "10525@2025 Phường Hải Dương"),
    (STOCK, "area=10525@2010", 404, "area", "10525@2010", "area_unknown", "10525@2008 Phường Trần Hưng Đạo"),
    (STOCK, "area=Thống Nhất", 404, "area", "Thống Nhất", "area_unknown", "11008@2008 Xã Thống Nhất"),
    (STOCK, "as_of=2026-01-01&area=288", 404, "area", "288", "area_not_then", "geography=2025-06-30"),
    (STOCK, "as_of=2026-01-01&area=10516", 404, "area", "10516", "area_not_then", "10525 Phường Hải Dương"),
    (STOCK, "as_of=2026-01-01&area=10525@2008", 404, "area", "10525@2008", "area_not_then", "2025-06-30"),
    (STOCK, "as_of=2023-01-01&area=31", 404, "area", "31", "area_not_then", "geography=2025-07-01"),
    (
        FLOW,
        "from=2025-01-01&to=2025-12-31&area=30",
        404,
        "area",
        "30",
        "area_not_then",
        "31 Thành phố Hải Phòng",
    ),
    (STOCK, "as_of=2025-01-01&area=10522", 404, "area", "10522", "area_not_then", "2024-11-30"),
    (STOCK, "geography=1999-12-31", 422, "geography", "1999-12-31", "geography_too_early", "2008"),
    (STOCK, "geography=2023", 422, "geography", "2023", "date", "yyyy-mm-dd"),
    (STOCK, "known_at=yesterday", 422, "known_at", "yesterday", "known_at", "ISO 8601"),
    (STOCK, "known_at=20231219", 422, "known_at", "20231219", "known_at", "ISO 8601"),
    (STOCK, "known_at=2023-W51-2", 422, "known_at", "2023-W51-2", "known_at", "ISO 8601"),
    (
        STOCK,
        "known_at=2024-06-02",
        422,
        "known_at",
        "2024-06-02",
        "known_at_in_future",
        "2024-06-01T09:00+07:00",
    ),
    (
        STOCK,
        "known_at=2099-01-01T00:00:00Z",
        422,
        "known_at",
        "2099-01-01T00:00:00Z",
        "known_at_in_future",
        "known_at",
    ),
    (STOCK, "known_at=2020-01-01", 422, "known_at", "2020-01-01", "known_at_before_first", ""),
    (FLOW, "calendar=health&period=2023-H1", 422, "period", "2023-H1", "period_unknown", "2023-Q1"),
    (FLOW, "calendar=civil&period=1850", 422, "period", "1850", "period_unknown", "2023-Q1"),
    (FLOW, "calendar=lunar&period=2023", 422, "calendar", "lunar", "calendar_unknown", "health"),
    (FLOW, "calendar=health&calendar=civil&period=2023", 422, "calendar", "civil", "parameter_twice", ""),
    (
        FLOW,
        "calendar=health&period=2023&from=2023-01-01",
        422,
        "from",
        "2023-01-01",
        "period_and_days",
        "calendar",
    ),
    (FLOW, "period=2023", 422, "calendar", None, "calendar_needed", "calendar"),
    (FLOW, "calendar=health", 422, "period", None, "period_of_calendar_needed", "2023-Q1"),
    (FLOW, "calendar=labour&period=2026", 422, "period", "2026", "period_not_then", "2025-03-01"),
]


@pytest.fixture
async def client(empty: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(empty, CALLERS, NOW), compose) as made:
        yield made


async def test_every_wrong_question_is_told_what_is_wrong_and_what_would_be_right(
    client: httpx.AsyncClient,
) -> None:
    for code, query, status, field, value, rule, said in WRONG:
        given = httpx.QueryParams(tuple(parse_qsl(query, keep_blank_values=True)))
        answer = await client.get(f"/v1/figures/{code}", params=given, headers=bearer("official"))
        problem = answer.json()
        about = (code, query, problem)
        assert answer.status_code == status, about
        faults = [one for one in problem["errors"] if (one["field"], one["rule"]) == (field, rule)]
        assert [one["value"] for one in faults] == [value], about
        texts = faults[0]["message"]
        assert texts["vi"] != texts["en"], about
        assert said in texts["vi"] or said == "code@year", about
        assert said in texts["en"], about


async def test_all_that_is_wrong_is_said_at_once(client: httpx.AsyncClient) -> None:
    query = "calendar=moon&period=2023&by=venue&area=99999&geography=2025-07-01&known_at=soon&colour=red&area_of=x"
    answer = await client.get(f"/v1/figures/{FLOW}?{query}", headers=bearer("official"))
    assert answer.status_code == 422
    assert {(one["field"], one["rule"]) for one in answer.json()["errors"]} == {
        ("calendar", "calendar_unknown"),
        ("by", "dimension"),
        ("area", "area_unknown"),
        ("known_at", "known_at"),
        ("colour", "unknown_parameter"),
        ("area_of", "area_of"),
    }


async def test_the_end_of_today_may_be_asked_for(client: httpx.AsyncClient) -> None:
    """The first fault of such a question is that nothing is recorded yet, not that the day is not over."""
    answer = await client.get(f"/v1/figures/{STOCK}?known_at=2024-06-01", headers=bearer("official"))
    assert [one["rule"] for one in answer.json()["errors"]] == ["known_at_before_first"]
