"""The page of one figure says what the API says, to each reader what he may see, and why a number changed."""

import csv
import io
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from reference import FIGURES, area_book, version_of
from tests.component.reporting.pages.conftest import PEOPLE, Look
from tests.component.reporting.pages.test_headline import YEAR, in_words, told
from tests.support.callers import bearer
from tests.support.page_tables import Shown
from tests.support.reporting import NOW
from texts import message

QUARTER = {"calendar": "civil", "period": "2023-Q4"}
CASES, PATIENTS, ADDICTS = "drug_cases.detected", "methadone.active", "registry.addicts_with_file"


def page_of(figure: str, ending: str = "") -> str:
    return f"/reporting/figures/{figure}{ending}"


def parts(page: Shown, dimension: str) -> dict[str, str]:
    """The rows of a breakdown: the code of the area, or the name of the value, and the number as it is written."""
    caption = message("page.figure.parts", dimension=message(f"dimension.{dimension}")).vi
    return {row[0].rpartition("(")[2].rstrip(")"): row[1] for row in page.tables[caption]}


def plain(value: Any) -> str:
    return message("page.figures.withheld_short").vi if value is None else str(value)


@pytest.mark.parametrize("who", ["committee", "health", "analyst", "district"])
@pytest.mark.parametrize("figure", [CASES, PATIENTS, ADDICTS])
async def test_the_number_and_its_communes_are_those_that_the_api_tells_the_same_reader(
    client: httpx.AsyncClient, look: Look, who: str, figure: str
) -> None:
    # Given a quarter, of which stocks are released by commune
    asked = {**QUARTER, "area": PEOPLE[who].area, "by": "commune"}
    # When the page and the API are asked the same
    page = await look(page_of(figure), who, **asked)
    status, answer = await told(client, figure, who, **asked)
    # Then both say the same of the whole and of each commune
    assert status == 200, answer
    number = (
        message("page.figures.withheld").vi if answer.get("suppressed") else in_words(figure, answer["value"])
    )
    assert number in " ".join(page.text.split()).replace("\u00a0", " ") or number in page.text
    assert parts(page, "commune") == {row["commune"]: plain(row["value"]) for row in answer["rows"]}


async def test_two_dimensions_are_a_table_with_its_totals(client: httpx.AsyncClient, look: Look) -> None:
    page = await look(page_of(CASES), **YEAR, by="area", across="offence")
    _, answer = await told(client, CASES, "committee", **YEAR, by="area,offence")
    (table,) = [rows for caption, rows in page.tables.items() if "(vụ)" in caption]
    assert table[-1][0] == message("page.figure.total").vi
    assert table[-1][-1] == str(answer["value"])
    assert [row[-1] for row in table[:-1]] == [str(row["value"]) for row in answer["rows"]]
    cells = [str(cell["value"]) for cell in answer["cells"]]
    assert [cell for row in table[:-1] for cell in row[1:-1]] == cells


async def test_a_table_of_two_dimensions_is_refused_beside_the_number_to_whom_it_is_not_told(
    look: Look,
) -> None:
    page = await look(page_of(ADDICTS), "analyst", **QUARTER, by="area", across="sex")
    assert message("page.figure.parts_refused").vi in page.text
    assert not [caption for caption in page.tables if "Giới" in caption]
    # The series of exact numbers is not shown to him either
    assert message("page.figure.months_exact_only").vi in page.text


async def test_the_months_add_up_to_the_year_and_lead_to_their_own_pages(
    client: httpx.AsyncClient, look: Look
) -> None:
    page = await look(page_of(CASES), **YEAR)
    months = page.tables[message("page.figure.months").vi]
    assert [row[0] for row in months] == [f"2023-{month:02}" for month in range(1, 13)]
    _, answer = await told(client, CASES, "committee", **YEAR)
    assert sum(int(row[1]) for row in months) == answer["value"] == 12
    assert "period=2023-05" in page.links["2023-05"]


async def test_the_months_of_each_area_add_up_to_those_of_the_whole(look: Look) -> None:
    page = await look(page_of(CASES), **YEAR, by="area")
    whole = [int(row[1]) for row in page.tables[message("page.figure.months").vi]]
    areas = page.tables[message("page.figure.areas_by_month").vi]
    assert [sum(map(int, column)) for column in zip(*(row[1:] for row in areas), strict=True)] == whole
    assert sum(whole) == 12
    # Each of them is drawn, with its numbers in its title
    assert "2023-05:" in page.text


async def test_the_same_period_of_the_years_before_stands_beside_it_from_the_first_with_a_number(
    look: Look,
) -> None:
    # Given 10 cases of 2022, 12 of 2023, and none before
    page = await look(page_of(CASES), **YEAR)
    assert page.tables[message("page.figure.years").vi] == [["2022", "10"], ["2023", "12"]]


async def test_why_a_number_changed_is_told_in_steps_that_add_up(look: Look) -> None:
    # Given 12 cases of May 2023, each recorded on its own day from the 11th on
    page = await look(page_of(CASES), **YEAR, since="15/05/2023")
    # When the number is held against what was known on 15 May
    steps = page.tables[message("page.figure.why_title").vi]
    # Then 5 were known, 7 were recorded later, and 12 are known now
    assert steps[0][1] == "5"
    assert (message("page.figure.why.recorded_late").vi, "+7") in [tuple(row) for row in steps]
    assert steps[-1][1] == "12"


async def test_why_a_number_changed_is_told_to_nobody_who_may_not_see_it(look: Look) -> None:
    page = await look(page_of(PATIENTS), "analyst", **QUARTER, since="2023-08-01")
    assert message("page.figure.why_title").vi not in page.tables
    assert message("page.figure.why_title").vi in page.text


async def test_a_file_has_the_rows_of_its_page(client: httpx.AsyncClient, look: Look) -> None:
    page = await look(page_of(CASES), **YEAR, by="area")
    link = page.links[message("page.figure.csv").vi]
    answer = await client.get(link, headers=bearer("committee"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["row"]: row["value"] for row in rows if row["row"]} == parts(page, "area")
    assert [row["value"] for row in rows if not row["row"]] == ["12"]


async def test_a_number_that_is_hidden_from_a_reader_is_a_star_in_his_file(client: httpx.AsyncClient) -> None:
    answer = await client.get(page_of(PATIENTS, ".csv"), params=QUARTER, headers=bearer("analyst"))
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["value"] == "*"


async def test_areas_of_today_and_those_of_the_period_are_a_link_apart(look: Look) -> None:
    book, day = area_book(), NOW.date()
    page = await look(page_of(CASES), **YEAR, by="commune")
    own = parts(page, "commune")
    assert set(own) >= {area.code for area in book.communes("30@2008", day)}
    named = [text for text in page.links if text.startswith("Địa bàn")]
    assert message("page.figure.own_tree").vi in named


async def test_rates_are_of_the_published_population_and_hidden_with_their_counts(
    client: httpx.AsyncClient, look: Look
) -> None:
    page = await look(page_of(ADDICTS), **QUARTER, by="area", per="100000")
    _, answer = await told(client, ADDICTS, "committee", **QUARTER, by="area", per="100000")
    caption = message("page.figure.parts", dimension=message("dimension.area")).vi
    shown = [row[2] for row in page.tables[caption]]
    assert [one == "–" for one in shown] == [row["rate"] is None for row in answer["rows"]]


async def test_what_a_figure_counts_and_whose_it_is_stands_on_its_page(look: Look) -> None:
    page = await look(page_of(ADDICTS), **QUARTER)
    assert version_of(ADDICTS, NOW.date()).basis in page.text
    assert FIGURES[ADDICTS].vi in page.text


@pytest.mark.parametrize(
    ("figure", "given", "status"),
    [
        ("no.figure", {}, 404),
        (CASES, {"by": "colour"}, 422),
        (CASES, {"per": "7"}, 422),
        (CASES, {"since": "tomorrow"}, 422),
        (CASES, {"known_at": "2023-05-15", "since": "2023-06-01"}, 422),
        (CASES, {"patient": "1"}, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused_as_a_page(
    client: httpx.AsyncClient, figure: str, given: dict[str, str], status: int
) -> None:
    headers = bearer("committee", Accept="text/html")
    answer = await client.get(page_of(figure), params={**YEAR, **given}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("who", ["committee", "health", "analyst", "district"])
@pytest.mark.parametrize("figure", [PATIENTS, ADDICTS])
async def test_the_link_that_keeps_a_page_opens_and_shows_the_same_numbers(
    look: Look, who: str, figure: str
) -> None:
    # Given the page of a figure as somebody is told it, exactly or as released
    page = await look(page_of(figure), who, **QUARTER, area=PEOPLE[who].area, by="commune")
    assert parts(page, "commune")
    # When the same person opens the link that keeps it
    kept = urlsplit(page.links[message("page.figures.permanent").vi])
    again = await look(kept.path, who, **dict(parse_qsl(kept.query)))
    # Then the numbers are there and the same
    assert message("page.figures.not_released").vi not in again.text
    assert parts(again, "commune") == parts(page, "commune")
