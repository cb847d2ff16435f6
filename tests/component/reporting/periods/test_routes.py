"""The routes about calendars, versions of definitions and overlaps, as machines read them."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from reference.figures import FIGURES
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, Log, fold, person

CALLERS = {
    "official": Principal("committee:30", "30", "official", "a"),
    "police": Principal("police:30", "30", "official", "e"),
    "clerk": Principal("police:30", "30", "clerk", "b"),
    "health": Principal("health:30", "30", "official", "c"),
    "district": Principal("police:290", "290", "official", "d"),
}
OVERLAP = "/v1/figures/registry.users/overlap"
ASKED = {"as_of": "2023-02-01", "by": "commune"}


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


async def get(client: httpx.AsyncClient, who: str, path: str, **given: str) -> tuple[int, Any]:
    headers = bearer(who, **{"Khopso-Purpose": "reconciliation"})
    answer = await client.get(path, params=given, headers=headers)
    return answer.status_code, answer.json()


def twice() -> Log:
    log = Log()
    for number, commune in (("1", "10513@2008"), ("2", "10546@2008")):
        row: dict[str, Any] = {"commune": commune, "status": "user", "status_from": date(2023, 1, 1)}
        log.write("registry", number, person=person(number), **row)
        log.link(number, "an", known=date(2023, 1, 1))
    return log


async def test_calendars_say_their_periods_and_send_by_dates(client: httpx.AsyncClient) -> None:
    _, found = await get(client, "clerk", "/v1/calendars")
    health = next(one for one in found["calendars"] if one["code"] == "health")
    first = next(one for one in health["periods"] if one["code"] == "yyyy-Q1")
    assert first["first"] == {"year": -1, "day": "12-15"}
    assert first["after"] == {"year": 0, "day": "03-15"}
    district = next(one for one in health["deadlines"] if one["level"] == "district")
    assert (district["day"], district["valid_to"]) == (18, "2025-07-01")


async def test_versions_and_readings_are_listed_for_every_figure(client: httpx.AsyncClient) -> None:
    _, found = await get(client, "clerk", "/v1/rule-sets")
    assert {one["figure"] for one in found["versions"]} == set(FIGURES)
    assert all(one["basis"] and one["vi"] and one["en"] for one in found["versions"])
    assert next(band for band in found["age_bands"] if band["band"] == "30+")["reason"]


async def test_the_catalogue_names_owners_calendars_and_versions(client: httpx.AsyncClient) -> None:
    _, found = await get(client, "clerk", "/v1/figures")
    detox = next(one for one in found["figures"] if one["code"] == "detox.in_facility")
    assert [(one["from"], one["agency"], one["calendars"][0]) for one in detox["owners"]] == [
        ("2025-03-01", "police", "police"),
        (None, "labour", "labour"),
    ]
    assert [one["version"] for one in detox["versions"]] == [
        "base",
        "police-2025",
        "two-level-2025",
        "law-120-2026",
    ]


async def test_an_answer_names_every_version_of_a_period_in_which_the_definition_changed(
    client: httpx.AsyncClient,
) -> None:
    asked = {"calendar": "civil", "period": "2025"}
    _, found = await get(client, "official", "/v1/figures/detox.compulsory_admitted", **asked)
    assert (found["from"], found["to"], found["period"]) == ("2025-01-01", "2025-12-31", "2025")
    assert found["definition"]["version"] == "two-level-2025"
    assert [one["from"] for one in found["definitions"]] == [None, "2025-03-01", "2025-07-01"]


async def test_the_overlap_is_for_those_who_may_see_exact_numbers_and_records_for_officials(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    await fold(platform, twice().messages)
    status, found = await get(client, "police", OVERLAP, **ASKED)
    assert (status, found["overlap"], len(found["records"])) == (200, 1, 1)
    status, found = await get(client, "official", OVERLAP, **ASKED)
    assert (status, found["overlap"], found["records"]) == (200, 1, None), "the committee has counts"
    assert found["definition"]["version"] == "base"
    status, found = await get(client, "clerk", OVERLAP, **ASKED)
    assert (status, found["overlap"], found["records"]) == (200, 1, None)
    status, found = await get(client, "health", OVERLAP, **ASKED)
    assert (status, found["rule"]) == (403, "overlap_exact_numbers")
    status, found = await get(client, "district", OVERLAP, **ASKED)
    assert (status, found["rule"]) == (403, "area_scope")


async def test_a_bad_overlap_is_a_problem_document(client: httpx.AsyncClient) -> None:
    status, found = await get(client, "official", OVERLAP, as_of="2023-02-01")
    assert (status, found["errors"][0]["rule"]) == (422, "overlap_needs_by")
    assert found["errors"][0]["message"]["vi"]
