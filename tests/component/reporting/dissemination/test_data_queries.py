"""Data queries for machines: time travel, updates, history, formats, pages, entity tags, faults, scope."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest
import xmlschema
from lxml import etree

from reference.pack.areas import area_book
from services.chassis.platform import Platform
from tests.component.reporting.dissemination.conftest import ADX, case
from tests.support.reporting import CHI_LINH, HAI_DUONG, NOW, Log, fold, instant, listed

CASES = "/v1/data/drug_cases.detected"


def cases() -> Log:
    """Three cases of 2023: two in January, one in Chí Linh in May that was only written down in August."""
    log = Log()
    case(log, "1", date(2023, 1, 10))
    case(log, "2", date(2023, 1, 20))
    case(log, "3", date(2023, 5, 5), CHI_LINH, recorded=date(2023, 8, 1))
    return log


async def get(client: httpx.AsyncClient, path: str = CASES, **given: str) -> dict[str, Any]:
    answer = await client.get(path, params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def values(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(seen["area"], seen["period"]): seen["value"] for seen in document["observations"]}


async def test_every_area_and_period_is_said_zeros_included(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, cases().messages)
    found = values(await get(client, startPeriod="2023", frequency="Q", by="area"))
    book = area_book()
    province = book.resolve("30", date(2023, 1, 1))
    assert province is not None
    districts = {area.uid for area in book.children(province.uid, date(2023, 1, 1))}
    assert {area for area, _ in found} == {"30@2008", *districts}
    assert len(found) == 13 * 4
    nonzero = {key: value for key, value in found.items() if value}
    assert nonzero == {
        ("30@2008", "2023-Q1"): 2,
        ("30@2008", "2023-Q2"): 1,
        ("288@2008", "2023-Q1"): 2,
        ("290@2008", "2023-Q2"): 1,
    }


async def test_as_of_travels_in_record_time(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    year = {"startPeriod": "2023"}
    july = await get(client, asOf="2023-07-31", **year)
    august = await get(client, asOf="2023-08-01", **year)
    assert (values(july), values(august)) == ({("30@2008", "2023"): 2}, {("30@2008", "2023"): 3})


async def test_updated_after_gives_only_what_changed_since(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, cases().messages)
    changed = await get(client, startPeriod="2023", frequency="Q", by="area", updatedAfter="2023-06-01")
    assert {
        (seen["area"], seen["period"], seen["value"], seen["action"]) for seen in changed["observations"]
    } == {
        ("30@2008", "2023-Q2", 1, "replace"),
        ("290@2008", "2023-Q2", 1, "replace"),
    }
    unchanged = await get(client, startPeriod="2023", updatedAfter="2023-08-01")
    assert unchanged["observations"] == []


async def test_history_gives_every_value_that_ever_stood(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = cases()
    case(log, "2", date(2023, 1, 20), recorded=date(2023, 2, 1), subjects=4)
    log.write("drug_cases", "1", void=True, occurred=date(2023, 1, 10), recorded=date(2023, 9, 1))
    await fold(platform, log.messages)
    found = await get(client, startPeriod="2023", includeHistory="true")
    stretches = [(seen["value"], seen["valid_from"], seen["valid_to"]) for seen in found["observations"]]
    days = [date(2023, 1, 10), date(2023, 1, 20), date(2023, 8, 1), date(2023, 9, 1)]
    starts = [instant(day).astimezone(NOW.tzinfo).isoformat() for day in days]
    assert [value for value, _, _ in stretches] == [1, 2, 3, 2]
    assert [start for _, start, _ in stretches] == starts
    assert [end for _, _, end in stretches] == [*starts[1:], None]


async def test_history_follows_links_between_persons(platform: Platform, client: httpx.AsyncClient) -> None:
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    listed(log, "anh", "addict", date(2023, 1, 1), recorded=date(2023, 1, 5))
    log.link("an", "t", known=date(2023, 3, 1))
    log.link("anh", "t", known=date(2023, 3, 1), until=date(2023, 4, 1))
    await fold(platform, log.messages)
    found = await get(
        client, "/v1/data/registry.addicts_with_file", startPeriod="2023-12-14", includeHistory="true"
    )
    assert [seen["value"] for seen in found["observations"]] == [1, 2, 1, 2]


async def test_pages_together_are_the_whole(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    asked = {"startPeriod": "2023", "frequency": "M"}
    whole = await get(client, "/v1/data/drug_cases.detected,fires.cases", **asked)
    pages: list[Any] = []
    address: str | None = str(
        httpx.URL("/v1/data/drug_cases.detected,fires.cases", params={**asked, "limit": "7"})
    )
    while address is not None:
        answer = await client.get(address)
        pages.append(answer.json()["observations"])
        address = answer.links["next"]["url"] if "next" in answer.links else None
    assert [len(page) for page in pages] == [7, 7, 7, 3]
    assert [seen for page in pages for seen in page] == whole["observations"]


async def test_an_entity_tag_stands_until_something_is_folded(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    asked = {"startPeriod": "2023"}
    first = await client.get(CASES, params=asked)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(CASES, params=asked, headers=tag)
    await fold(platform, cases().messages)
    moved = await client.get(CASES, params=asked, headers=tag)
    other = await client.get(CASES, params={**asked, "frequency": "Q"}, headers=tag)
    assert [again.status_code, moved.status_code, other.status_code] == [304, 200, 200]
    assert again.content == b""


async def test_adx_over_http_satisfies_the_public_schema(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, cases().messages)
    asked = {"startPeriod": "2023", "frequency": "Q", "calendar": "health", "by": "area"}
    answer = await client.get(CASES, params=asked, headers={"Accept": "application/adx+xml"})
    assert answer.headers["content-type"].startswith("application/adx+xml")
    xmlschema.XMLSchema(str(ADX)).validate(answer.text)
    root = etree.fromstring(answer.content)
    assert len(root) == 13 * 4
    said = {(group.get("orgUnit"), group.get("period")): group[0].get("value") for group in root}
    assert said["30@2008", "2022-12-15/P3M"] == "2"
    assert said["295@2008", "2022-12-15/P3M"] == "0"


async def test_dhis2_and_csv_say_what_json_says(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    asked = {"startPeriod": "2023", "frequency": "M", "by": "area"}
    plain = [seen["value"] for seen in (await get(client, **asked))["observations"]]
    dhis2 = (await get(client, format="dhis2", **asked))["dataValues"]
    answer = await client.get(CASES, params=asked, headers={"Accept": "text/csv"})
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["value"]) for row in dhis2] == plain
    assert [int(row["OBS_VALUE"]) for row in lines] == plain
    assert {row["period"] for row in dhis2} == {f"2023{month:02d}" for month in range(1, 13)}


async def test_a_ratio_carries_its_parts(platform: Platform, client: httpx.AsyncClient) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1), has_decision=True, decision_date=date(2023, 1, 2))
    listed(log, "binh", "user", date(2023, 1, 1))
    await fold(platform, log.messages)
    (seen,) = (await get(client, "/v1/data/registry.users_with_decision_pct", startPeriod="2023-12-14"))[
        "observations"
    ]
    assert (seen["value"], seen["numerator"], seen["denominator"]) == (50, 1, 2)


@pytest.mark.parametrize(
    ("path", "given", "status", "rule"),
    [
        ("/v1/data/drug_cases.invented", {"startPeriod": "2023"}, 404, "figure"),
        (CASES, {}, 422, "start_period_needed"),
        (CASES, {"startPeriod": "2023-13"}, 422, "not_a_period"),
        (CASES, {"startPeriod": "2023", "frequency": "W"}, 422, "frequency"),
        (CASES, {"startPeriod": "2023", "calendar": "lunar"}, 422, "calendar_without_period"),
        (CASES, {"startPeriod": "2023", "endPeriod": "2022"}, 422, "no_period_between"),
        (CASES, {"startPeriod": "2023", "limit": "0"}, 422, "limit_range"),
        (CASES, {"startPeriod": "2023", "cursor": "%%"}, 422, "cursor"),
        (CASES, {"startPeriod": "2023", "format": "xls"}, 422, "format_unknown"),
        (CASES, {"startPeriod": "2023", "asof": "2023-01-01"}, 422, "unknown_parameter"),
        (CASES, {"startPeriod": "2023", "by": "age_band"}, 422, "dimension"),
        (CASES, {"startPeriod": "2023", "includeHistory": "true", "updatedAfter": "2023-01-01"}, 422, "history_or_updates"),
        (CASES, {"startPeriod": "2023", "format": "dhis2", "calendar": "health"}, 422, "dhis2_calendar"),
        (CASES, {"startPeriod": "1990-01-01", "endPeriod": "2500-01-01"}, 422, "query_too_wide"),
    ],
)  # fmt: skip
async def test_a_bad_query_is_told_what_is_wrong_with_it(
    client: httpx.AsyncClient, path: str, given: dict[str, str], status: int, rule: str
) -> None:
    answer = await client.get(path, params=given)
    problem = answer.json()
    assert answer.status_code == status
    assert rule in {fault["rule"] for fault in problem["errors"]}
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in problem["errors"])


async def test_a_time_before_the_first_record_is_refused(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, cases().messages)
    for name in ("asOf", "updatedAfter"):
        answer = await client.get(CASES, params={"startPeriod": "2023", name: "2022-01-01"})
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "known_at_before_first")


async def test_a_unit_queries_its_own_area_only(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "Bearer district"
    own = await client.get(CASES, params={"startPeriod": "2023", "area": "288"})
    others = await client.get(CASES, params={"startPeriod": "2023", "area": "288,290"})
    assert (own.status_code, others.status_code) == (200, 403)


async def test_other_agencies_get_released_values_with_small_counts_withheld(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for number in range(7):
        listed(log, f"a{number}", "addict", date(2023, 1, 1), commune=HAI_DUONG)
    for number in range(2):
        listed(log, f"b{number}", "addict", date(2023, 1, 1), commune=CHI_LINH)
    await fold(platform, log.messages)
    client.headers["Authorization"] = "Bearer health"
    path, asked = "/v1/data/registry.addicts_with_file", {"startPeriod": "2023-11", "by": "area"}
    found = await get(client, path, **asked)
    by_area = {seen["area"]: seen for seen in found["observations"]}
    assert by_area["290@2008"]["value"] is None
    assert by_area["290@2008"]["suppressed"]
    assert {seen["value"] for seen in found["observations"]}.isdisjoint({1, 2, 3, 4})
    lines = (await client.get(path, params={**asked, "format": "csv"})).text.splitlines()
    assert any(",Q," in line for line in lines), "withheld is said in SDMX's way"
    refused = await client.get(path, params={**asked, "updatedAfter": "2023-06-01"})
    assert refused.status_code == 403
    follow = await client.post("/v1/follows", json={"figure": "registry.addicts_with_file"})
    assert follow.status_code == 403
