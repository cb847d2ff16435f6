"""A figure by the knowledge of an earlier day, and what is behind its number: the days to choose, statements, registers."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.component.reporting.pages.conftest import Look
from tests.support.callers import bearer
from texts import message

CASES, PATIENTS = "drug_cases.detected", "methadone.active"
YEAR = {"calendar": "civil", "period": "2023"}
DAYS = [f"{day}/05/2023" for day in range(11, 23)]
"""On each of them one of the year's twelve cases was recorded."""


def page_of(figure: str, ending: str = "") -> str:
    return f"/reporting/figures/{figure}{ending}"


def asked_by(link: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(link).query))


async def test_each_day_on_which_something_arrived_leads_to_the_number_known_then(look: Look) -> None:
    page = await look(page_of(CASES), **YEAR)
    # Given a link for each of the days
    assert [day for day in DAYS if day in page.links] == DAYS
    assert "known_at=2023-05-15" in page.links["15/05/2023"]
    # When the link of the fifth is followed
    then = await look(page_of(CASES), **asked_by(page.links["15/05/2023"]))
    # Then five were known, and what changed since the day before is named
    steps = then.tables[message("page.figure.why_title").vi]
    assert [steps[0][1], steps[-1][1]] == ["4", "5"]
    assert (message("page.figure.why.recorded_late").vi, "+1") in [tuple(row) for row in steps]


@pytest.mark.parametrize(
    ("slid", "day"),
    [("2023-05-15", "2023-05-15"), ("2023-12-31", "2023-05-22"), ("2020-01-01", "2023-05-11")],
)
async def test_the_slider_leads_to_the_last_day_on_which_something_arrived_until_then(
    client: httpx.AsyncClient, slid: str, day: str
) -> None:
    number = str(date.fromisoformat(slid).toordinal())
    answer = await client.get(page_of(CASES), params={**YEAR, "slid": number}, headers=bearer("committee"))
    assert answer.status_code == 303
    assert f"known_at={day}" in answer.headers["location"]
    assert "slid" not in answer.headers["location"]


@pytest.mark.parametrize("slid", ["x", "-1", "0", "9999999", "²"])
async def test_what_is_no_day_of_the_slider_is_refused(client: httpx.AsyncClient, slid: str) -> None:
    answer = await client.get(page_of(CASES), params={**YEAR, "slid": slid}, headers=bearer("committee"))
    assert answer.status_code == 422


async def test_on_which_days_something_arrived_is_told_to_nobody_who_is_told_released_numbers(
    look: Look,
) -> None:
    assert "slid" in (await look(page_of(CASES), **YEAR)).inputs
    assert "slid" not in (await look(page_of(PATIENTS), "analyst", **YEAR)).inputs


async def test_statements_are_those_that_the_api_tells(client: httpx.AsyncClient, look: Look) -> None:
    page = await look(page_of(CASES), **YEAR, by="commune")
    link = page.links[message("page.drill.to_statements").vi]
    shown = await look(page_of(CASES, "/sql"), **asked_by(link))
    asked = {**YEAR, "by": "commune", "area": "30"}
    answer = await client.get(f"/v1/figures/{CASES}/sql", params=asked, headers=bearer("committee"))
    for statement in answer.json()["statements"]:
        assert " ".join(statement["sql"].split()) in " ".join(shown.text.split())


async def test_statements_are_offered_and_shown_only_to_whoever_may_see_them(
    client: httpx.AsyncClient, look: Look
) -> None:
    page = await look(page_of(CASES), "clerk of a commune", **YEAR)
    assert message("page.drill.to_statements").vi not in page.links
    headers = bearer("clerk of a commune", Accept="text/html")
    answer = await client.get(page_of(CASES, "/sql"), params=YEAR, headers=headers)
    assert answer.status_code == 403


async def test_registers_behind_a_number_are_links_for_readers_of_rows(look: Look) -> None:
    page = await look(page_of(CASES), "clerk of a commune", **YEAR)
    assert "/incidents/forms/drug_cases/records" in page.links.values()
    # An official states a purpose first, at the search of the desk.
    page = await look(page_of(CASES), **YEAR)
    assert "/incidents/" in page.links.values()
    other = await look(page_of(PATIENTS), "analyst", **YEAR)
    assert not [href for href in other.links.values() if href.startswith("/treatment/")]
