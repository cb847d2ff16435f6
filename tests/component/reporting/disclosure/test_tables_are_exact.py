"""Tables of two dimensions of protected figures: whole for those who see exact numbers, nothing at all for others."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, Log, fold, listed

EXACT, RELEASED = ("committee", "police"), ("health", "analyst", "admin")
CALLERS = {
    "committee": Principal("committee:30", "30", "official", "a"),
    "police": Principal("police:30", "30", "official", "b"),
    "health": Principal("health:30", "30", "official", "c"),
    "analyst": Principal("police:30", "30", "analyst", "d"),
    "admin": Principal("committee:30", "30", "admin", "e"),
    "district": Principal("police:288", "288", "official", "f"),
}
USERS, CASES = "/v1/figures/registry.users", "/v1/figures/drug_cases.detected"
TABLE = {"as_of": "2023-12-31", "by": "area,age_band"}
YEAR = {"from": "2023-01-01", "to": "2023-12-31"}


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    log = Log()
    for number in range(40):
        listed(log, f"user {number}", "user", date(2023, 1, 1), commune="10513@2008")
    await fold(platform, log.messages)
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


@pytest.mark.parametrize("reader", EXACT)
async def test_whoever_sees_exact_numbers_has_the_whole_table(client: httpx.AsyncClient, reader: str) -> None:
    answer = await client.get(USERS, params=TABLE, headers=bearer(reader))
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert sum(cell["value"] for cell in document["cells"]) == document["value"] == 40
    known = answer.headers["etag"]
    again = await client.get(USERS, params=TABLE, headers=bearer(reader) | {"If-None-Match": known})
    assert again.status_code == 304
    turned = TABLE | {"by": "age_band,area"}
    other = await client.get(USERS, params=turned, headers=bearer(reader) | {"If-None-Match": known})
    assert other.status_code == 200


@pytest.mark.parametrize("reader", RELEASED)
@pytest.mark.parametrize(
    "by", ["area,age_band", "age_band,area", "sex,age_band", "commune,status", "region,sex"]
)
async def test_others_are_told_that_no_table_is_released_and_what_to_ask_instead(
    client: httpx.AsyncClient, reader: str, by: str
) -> None:
    """Given forty in one place, none of them small: the answer may not depend on what would be in the table."""
    answer = await client.get(USERS, params=TABLE | {"by": by}, headers=bearer(reader))
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    assert problem["rule"] == "table_exact_only"
    (fault,) = problem["errors"]
    assert (fault["field"], fault["value"], fault["rule"]) == ("by", by, "table_by_parts")
    first, second = by.split(",")
    for language in ("vi", "en"):
        assert f"by={first}" in fault["message"][language]
        assert f"by={second}" in fault["message"][language]
    assert "value" not in problem
    assert "cells" not in problem


async def test_a_table_of_another_area_is_refused_as_any_question_about_it_is(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(USERS, params=TABLE, headers=bearer("district"))
    assert (answer.status_code, answer.json()["rule"]) == (403, "area_scope")
    own = await client.get(USERS, params=TABLE | {"area": "288"}, headers=bearer("district"))
    assert own.status_code == 200


@pytest.mark.parametrize("reader", [*EXACT, *RELEASED])
async def test_tables_of_what_counts_no_persons_are_everybodys(
    client: httpx.AsyncClient, reader: str
) -> None:
    answer = await client.get(CASES, params=YEAR | {"by": "area,offence"}, headers=bearer(reader))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["rows"]) == 12


async def test_what_has_one_dimension_alone_says_so(client: httpx.AsyncClient) -> None:
    """Given a product that shows no tables, when two dimensions are asked, then none of them is left out silently."""
    head = bearer("police")
    follow = {"figure": "registry.users", **TABLE}
    answers = [
        await client.get(f"{USERS}/overlap", params=TABLE, headers=head),
        await client.post("/v1/follows", json=follow, headers=head),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert (fault["field"], fault["rule"]) == ("by", "dimension_one")
    check = await client.get("/v1/checks/methadone.not_listed", params=TABLE, headers=head)
    assert (check.status_code, check.json()["errors"][0]["rule"]) == (422, "dimension")


async def test_the_statement_of_a_table_is_shown(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{USERS}/sql", params=TABLE, headers=bearer("analyst"))
    assert answer.status_code == 200, answer.text
    (statement,) = answer.json()["statements"]
    assert statement["reads"] == "rows"
    assert "GROUP BY GROUPING SETS ((), (s.dim), (s.across), (s.dim, s.across))" in statement["sql"]
    assert "AS across" in statement["sql"]
