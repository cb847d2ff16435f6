"""What readers outside the owning agencies are answered: releases on a grid, in which no small count can be found."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from reference.pack.areas import area_book
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, Log, fold, listed, person

CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "committee": Principal("committee:30", "30", "official", "b"),
    "police": Principal("police:30", "30", "official", "c"),
    "health": Principal("health:30", "30", "official", "d"),
    "analyst": Principal("committee:30", "30", "analyst", "e"),
    "other analyst": Principal("health:30", "30", "analyst", "f"),
    "police analyst": Principal("police:30", "30", "analyst", "g"),
}
USERS = "/v1/figures/registry.users"
DAY = date(2023, 12, 31)


def asked_at(platform: Platform, now: datetime = NOW) -> httpx.AsyncClient:
    return client_of(known_to(platform, CALLERS, now), compose)


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with asked_at(platform) as made:
        yield made


def province(log: Log, counts: dict[str, int], status: str = "user") -> None:
    """So many persons of a status in each commune (by uid)."""
    for uid, count in counts.items():
        for number in range(count):
            listed(log, f"{status} {uid} {number}", status, date(2023, 1, 1), commune=uid)


def uneven(day: date = DAY) -> dict[str, int]:
    """A province as it is: many communes with none, many with a few, some with many."""
    communes = area_book().communes("30@2008", day)
    pattern = (0, 1, 2, 0, 7, 3, 0, 12, 4, 6)
    return {commune.uid: pattern[number % len(pattern)] for number, commune in enumerate(communes[:60])}


async def test_readers_outside_the_owner_see_no_small_count_and_exact_totals(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log, truth = Log(), uneven()
    province(log, truth)
    await fold(platform, log.messages)
    asked = {"as_of": DAY.isoformat(), "by": "commune"}
    for reader in ("health", "analyst", "police analyst", "admin"):
        answer = await client.get(USERS, params=asked, headers=bearer(reader))
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["value"] == sum(truth.values())
        assert not [row for row in found["rows"] if row["value"] in (1, 2, 3, 4)]
        by_code = {area_book().by_uid[uid].code: count for uid, count in truth.items()}
        for row in found["rows"]:
            count = by_code.get(row["commune"], 0)
            assert row["value"] in (count, None)
            assert (row["value"] is None) == row.get("suppressed", False)
            assert not (0 < count < 5 and row["value"] is not None)
        assert found["protection"]["threshold"] == 5
    for reader in ("committee", "police"):
        exact = (await client.get(USERS, params=asked, headers=bearer(reader))).json()
        assert {row["commune"]: row["value"] for row in exact["rows"]} == {
            row["commune"]: by_code.get(row["commune"], 0) for row in exact["rows"]
        }
        assert "protection" not in exact


async def test_a_rate_is_hidden_where_its_count_is(platform: Platform, client: httpx.AsyncClient) -> None:
    """Given the population, which everybody knows, when a count is hidden, then no rate gives it back."""
    log = Log()
    districts = [area for area in area_book().children("30@2008", DAY) if area.code in ("288", "290", "292")]
    first = [area_book().communes(district.uid, DAY)[0].uid for district in districts]
    province(log, dict(zip(first, (2, 3, 40), strict=True)))
    await fold(platform, log.messages)
    for asked in ({"as_of": DAY.isoformat()}, {}):
        found = await protected(client, "registry.users", by="area", per="100000", **asked)
        rows = [row for row in found["rows"] if row["population"]]
        assert {row["value"] is None for row in rows} == {True, False}
        assert [row["rate"] is None for row in rows] == [row["value"] is None for row in rows]
        assert all(row["rate"] == row["value"] * 100_000 / row["population"] for row in rows if row["value"])


async def protected(client: httpx.AsyncClient, code: str, **asked: str) -> dict[str, Any]:
    """What an analyst is answered."""
    asked = {name.removesuffix("_"): value for name, value in asked.items()}
    answer = await client.get(f"/v1/figures/{code}", params=asked, headers=bearer("analyst"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("code", "asked", "field", "rule"),
    [
        ("registry.users", {"as_of": "2023-12-30"}, "as_of", "protected_date"),
        ("registry.users", {"as_of": "2024-05-31"}, "as_of", "protected_date"),
        ("registry.users", {"calendar": "police", "period": "2023"}, "period", "protected_date"),
        (
            "registry.users",
            {"as_of": "2023-12-31", "known_at": "2024-01-05"},
            "known_at",
            "protected_known_at",
        ),
        (
            "registry.users",
            {"as_of": "2023-12-31", "geography": "2025-08-01"},
            "geography",
            "protected_geography",
        ),
        ("registry.users", {"as_of": "2023-12-31", "by": "presence"}, "by", "protected_dimension"),
        ("registry.users", {"as_of": "2023-12-31", "by": "sex", "area": "288"}, "by", "protected_breakdown"),
        ("methadone.active", {"as_of": "2023-12-31", "area_of": "facility"}, "area_of", "protected_area_of"),
        ("arrests.persons", {"from": "2023-01-01", "to": "2023-12-14"}, "from", "protected_date"),
        ("arrests.persons", {"from": "2023-01-01", "to": "2023-01-31"}, "to", "protected_date"),
        (
            "arrests.persons",
            {"from": "2023-01-01", "to": "2023-03-31", "by": "commune"},
            "by",
            "protected_area",
        ),
    ],
)
async def test_questions_off_the_grid_are_refused_and_told_what_is_on_it(
    client: httpx.AsyncClient, code: str, asked: dict[str, str], field: str, rule: str
) -> None:
    answer = await client.get(f"/v1/figures/{code}", params=asked, headers=bearer("analyst"))
    problem = answer.json()
    assert (answer.status_code, problem["rule"]) == (422, "protected_question")
    assert (field, rule) in {(fault["field"], fault["rule"]) for fault in problem["errors"]}
    if rule == "protected_date":
        assert any("2023-" in fault["message"]["en"] for fault in problem["errors"])


async def test_of_a_year_of_daily_questions_only_the_ends_of_months_are_answered(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    province(log, {"10513@2008": 7, "10546@2008": 9})
    await fold(platform, log.messages)
    answered = []
    for number in range(365):
        day = date.fromordinal(date(2023, 1, 1).toordinal() + number)
        answer = await client.get(USERS, params={"as_of": day.isoformat()}, headers=bearer("analyst"))
        if answer.status_code == 200:
            answered.append(day)
        else:
            assert answer.status_code == 422
    assert len(answered) == 12
    assert all(date.fromordinal(day.toordinal() + 1).day == 1 for day in answered)


async def test_figures_that_count_nobody_are_the_same_for_all(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    log.write(
        "fires", "one", commune="10513@2008", place="dwelling", alarm_at=datetime(2023, 5, 1, 3, tzinfo=UTC)
    )
    await fold(platform, log.messages)
    asked = {"from": "2023-05-01", "to": "2023-05-03", "by": "commune"}
    exact = await client.get("/v1/figures/fires.cases", params=asked, headers=bearer("committee"))
    same = await client.get("/v1/figures/fires.cases", params=asked, headers=bearer("analyst"))
    assert exact.json()["value"] == 1
    assert same.json() == exact.json()


async def test_the_same_question_has_the_same_answer_whoever_asks_after_restarts_and_later_records(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    province(log, uneven())
    await fold(platform, log.messages)
    asked = {"as_of": DAY.isoformat(), "by": "area"}
    first = await client.get(USERS, params=asked, headers=bearer("analyst"))
    again = await client.get(
        USERS, params=asked, headers=bearer("health") | {"If-None-Match": first.headers["ETag"]}
    )
    late = Log()
    listed(late, "late", "user", date(2023, 6, 1), commune="10513@2008")
    await fold(platform, late.messages)
    async with asked_at(platform) as restarted:
        after = await restarted.get(USERS, params=asked, headers=bearer("other analyst"))
        exact = await restarted.get(USERS, params=asked, headers=bearer("committee"))
    assert (again.status_code, again.content) == (304, b"")
    assert (after.content, after.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert exact.json()["value"] == first.json()["value"] + 1
    async with asked_at(platform, NOW + timedelta(days=366)) as next_year:
        edition = (await next_year.get(USERS, params=asked, headers=bearer("analyst"))).json()
    assert edition["protection"]["edition"] == 2
    hidden = {row["area"] for row in first.json()["rows"] if row["value"] is None}
    assert hidden <= {row["area"] for row in edition["rows"] if row["value"] is None}


async def test_without_a_day_the_latest_released_is_answered(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    province(log, {"10513@2008": 8})
    await fold(platform, log.messages)
    found = await protected(client, "registry.users")
    assert (found["as_of"], found["value"]) == ("2024-04-30", 8)


async def test_a_percentage_is_given_only_of_released_numbers_and_of_a_base_large_enough(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    for place, users, decided in (("10513@2008", 40, 20), ("10546@2008", 30, 28), ("10549@2008", 6, 0)):
        for number in range(users):
            more = {"decision_no": "1", "decided_on": date(2023, 1, 2)} if number < decided else {}
            listed(log, f"{place} {number}", "user", date(2023, 1, 1), commune=place, **more)
    await fold(platform, log.messages)
    found = await protected(client, "registry.users_with_decision_pct", as_of=DAY.isoformat(), by="commune")
    rows = {row["commune"]: row for row in found["rows"]}
    assert rows["10549"]["value"] is None, "a base of six"
    for row in (found, *found["rows"]):
        if row["numerator"] is None or row["denominator"] is None:
            assert (row["value"], row["suppressed"]) == (None, True)
        elif row["value"] is not None:
            assert row["value"] == row["numerator"] * 100 / row["denominator"]
        known = None not in (row["numerator"], row["denominator"])
        assert not known or not 0 < row["denominator"] - row["numerator"] < 5, "two without a decision"


async def test_a_person_in_two_places_counts_once_in_the_whole_and_stays_hidden_in_the_parts(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    """Readers who know by how much the parts overlap still find nothing."""
    log = Log()
    places = {"10513@2008": 6, "10546@2008": 9, "10549@2008": 0}
    for place, count in places.items():
        for number in range(count):
            log.write(
                "methadone",
                f"{place} {number}",
                person=person(f"{place} {number}"),
                commune=place,
                facility="M1",
                enrolled_on=date(2023, 1, 1),
            )
    for number in range(2):  # patients of the first commune are enrolled in the third as well
        log.write(
            "methadone",
            f"again {number}",
            person=person(f"10513@2008 {number}"),
            commune="10549@2008",
            facility="M2",
            enrolled_on=date(2023, 2, 1),
        )
    await fold(platform, log.messages)
    found = await protected(client, "methadone.active", as_of=DAY.isoformat(), by="commune")
    rows = {row["commune"]: row["value"] for row in found["rows"]}
    assert (found["value"], found["overlap"]) == (15, None)
    assert rows["10549"] is None
    hidden = [code for code in ("10513", "10546") if rows[code] is None]
    assert hidden, "the rows sum to two more than the total, and two is what there is to hide"


async def test_many_first_questions_at_once_make_one_release(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    province(log, {"10513@2008": 7, "10546@2008": 2})
    await fold(platform, log.messages)
    async with asked_at(platform) as other_process:
        answers = await asyncio.gather(
            *(
                (client, other_process)[number % 2].get(
                    USERS, params={"as_of": DAY.isoformat()}, headers=bearer("analyst")
                )
                for number in range(8)
            )
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["protection"]["edition"] == 1
