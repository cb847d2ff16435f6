"""The page of headline figures says what the API says, to each reader what he may see, and compares only what is whole."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from reference import FIGURES, figures_of, measure_of, time_kind
from tests.component.reporting.pages.conftest import PEOPLE, Folded, Look
from tests.support.callers import bearer
from tests.support.page_tables import Shown
from tests.support.reporting import NOW
from texts import message

YEAR = {"calendar": "civil", "period": "2023"}
NUMBER, CHANGE, HANDED_IN, EDITION = range(1, 5)


def line_of(page: Shown, figure: str) -> list[str]:
    """The line of a figure."""
    (found,) = [row for rows in page.tables.values() for row in rows if row[0] == FIGURES[figure].vi]
    return found


async def told(client: httpx.AsyncClient, figure: str, who: str, **given: str) -> tuple[int, dict[str, Any]]:
    """What the API tells the same reader."""
    answer = await client.get(f"/v1/figures/{figure}", params=given, headers=bearer(who))
    return answer.status_code, answer.json()


def in_words(figure: str, value: float) -> str:
    return f"{value:,}".replace(",", ".") + f" {measure_of(figure)[0]}"


@pytest.mark.parametrize("who", ["committee", "district", "health", "analyst", "admin", "clerk of a commune"])
async def test_numbers_are_those_that_the_api_tells_the_same_reader(
    client: httpx.AsyncClient, look: Look, who: str
) -> None:
    # Given a reader and a quarter, of which the figures about persons are released to outsiders
    area = PEOPLE[who].area
    asked = {"calendar": "civil", "period": "2023-Q4", "area": area}
    # When the page and the API are asked the same
    page = await look("/reporting/", who, **asked)
    figures = figures_of("headline", NOW.date())
    assert len([row for rows in page.tables.values() for row in rows]) == len(figures) > 12
    for figure in figures:
        status, answer = await told(client, figure, who, **asked)
        shown = line_of(page, figure)[NUMBER]
        # Then both say the same number, or both none
        if status != 200:
            assert shown.startswith(message("page.figures.not_released").vi), figure
        elif answer.get("suppressed"):
            assert shown == message("page.figures.withheld").vi, figure
        else:
            assert shown == in_words(figure, answer["value"]), figure


async def test_a_number_that_is_hidden_from_a_reader_is_withheld_in_words(look: Look) -> None:
    # Given four patients, fewer than the threshold of five
    quarter = {"calendar": "civil", "period": "2023-Q4"}
    exact = await look("/reporting/", "health", **quarter)
    assert line_of(exact, "methadone.active")[NUMBER] == "4 người"
    # When an analyst looks, then the page says that the number is withheld and why, and compares nothing
    page = await look("/reporting/", "analyst", **quarter)
    line = line_of(page, "methadone.active")
    assert line[NUMBER] == message("page.figures.withheld").vi
    assert line[CHANGE] == message("page.headline.not_compared").vi


async def test_a_change_is_shown_only_where_both_periods_are_declared_by_everybody(look: Look) -> None:
    # Given 12 cases of 2023 and 10 of 2022, where one unit has not declared 2022
    page = await look("/reporting/", **YEAR)
    assert line_of(page, "drug_cases.detected")[CHANGE] == message("page.headline.incomplete").vi
    # When two quarters of the year that everybody has declared are compared: 12 in the second, none in the third
    quarter = await look("/reporting/", calendar="civil", period="2023-Q3")
    # Then the change is shown
    assert line_of(quarter, "drug_cases.detected")[CHANGE] == "\u221212"


async def test_hand_ins_beside_a_figure_are_those_of_its_registers(
    client: httpx.AsyncClient, look: Look
) -> None:
    answer = await client.get("/v1/ledger", params=YEAR, headers=bearer("committee"))
    (cases,) = [one for one in answer.json()["forms"] if one["form"] == "drug_cases"]
    came = cases["received"] + cases["late"]
    assert came
    said = line_of(await look("/reporting/", **YEAR), "drug_cases.detected")[HANDED_IN]
    assert said.startswith(f"{came}/{cases['expected']}")
    # And whoever may see no hand-ins is told none
    other = line_of(await look("/reporting/", "operator", **YEAR), "drug_cases.detected")[HANDED_IN]
    assert other == message("page.headline.nothing_expected").vi


async def test_what_was_known_earlier_is_counted_as_it_was_known_then(look: Look) -> None:
    earlier = await look("/reporting/", **YEAR, known_at="2023-05-10")
    now = await look("/reporting/", **YEAR)
    assert line_of(earlier, "drug_cases.detected")[NUMBER] < line_of(now, "drug_cases.detected")[NUMBER]
    # The link that keeps the page asks for the moment, so that later records change nothing
    assert "known_at=" in now.links[message("page.figures.permanent").vi]


async def test_what_was_folded_a_moment_ago_is_on_the_next_page(look: Look, folded: Folded) -> None:
    # Given a month without fires, whose page was asked already, so that its numbers are remembered
    month = {"calendar": "civil", "period": "2024-03"}
    before = line_of(await look("/reporting/", **month), "fires.cases")
    assert before == line_of(await look("/reporting/", **month), "fires.cases")
    assert before[NUMBER] == in_words("fires.cases", 0)
    # When a fire of it arrives
    await folded("2024-03-05")
    # Then the page says so at once
    after = line_of(await look("/reporting/", **month), "fires.cases")
    assert after[NUMBER] == in_words("fires.cases", 1)


async def test_a_page_without_a_choice_begins_with_the_own_area_and_the_last_quarter(look: Look) -> None:
    page = await look("/reporting/", "district")
    assert "31/03/2024" in page.text
    assert "288" in page.text
    assert not [name for name in page.inputs if name == "area"], "a select, not an input"


async def test_the_page_is_in_the_language_that_is_asked_for(look: Look) -> None:
    page = await look("/reporting/", language="en", **YEAR)
    assert page.tables["fires"][0][0] == FIGURES["fires.cases"].en
    assert "người" not in page.text.replace("Người", "")


@pytest.mark.parametrize(
    ("who", "given", "status"),
    [
        ("district", {"area": "290"}, None),
        ("nobody's", {}, None),
        ("committee", {"area": "99999"}, 404),
        ("committee", {"calendar": "civil", "period": "2023-X"}, 422),
        ("committee", {"patient": "1"}, 422),
    ],
)
async def test_what_may_not_be_asked_is_refused_as_a_page_or_line_by_line(
    client: httpx.AsyncClient, who: str, given: dict[str, str], status: int | None
) -> None:
    headers = bearer(who, Accept="text/html")
    answer = await client.get("/reporting/", params=given, headers=headers)
    if status is None:
        # Each line says that it is beyond the reader's rights, and none has a number.
        assert answer.status_code == 200
        assert answer.text.count(message("page.figures.refused").vi) == len(
            figures_of("headline", NOW.date())
        )
        return
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_every_headline_figure_has_a_name_for_its_kind() -> None:
    for figure in FIGURES.values():
        assert message(f"page.figures.kind.{figure.code.partition('.')[0]}").vi
        assert time_kind(figure) in ("stock", "flow")


@pytest.mark.parametrize("who", ["committee", "health", "analyst", "district"])
async def test_the_link_that_keeps_the_page_opens_and_shows_the_same_numbers(look: Look, who: str) -> None:
    # Given a page of which some readers are told some numbers exactly and others as released
    page = await look("/reporting/", who, calendar="civil", period="2023-Q4", area=PEOPLE[who].area)
    figures = figures_of("headline", NOW.date())
    numbers = {figure: line_of(page, figure)[NUMBER] for figure in figures}
    # When the same person opens the link that keeps it
    kept = urlsplit(page.links[message("page.figures.permanent").vi])
    again = await look(kept.path, who, **dict(parse_qsl(kept.query)))
    # Then every number is there as it was
    assert {figure: line_of(again, figure)[NUMBER] for figure in figures} == numbers
