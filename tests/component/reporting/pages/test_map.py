"""The map of a figure shades every commune by its number, says the same in its list, and hides what its reader is not told."""

import gzip
import re
from datetime import date

import httpx
import pytest

from reference import area_book
from tests.component.reporting.pages.conftest import Look
from tests.support.callers import bearer
from tests.support.page_tables import Shown
from texts import message

CASES, PATIENTS = "drug_cases.detected", "methadone.active"
YEAR = {"calendar": "civil", "period": "2023"}
DAY = date(2023, 12, 31)
LIST = message("page.figure.parts", dimension=message("dimension.commune")).vi
HAI_DUONG, CHI_LINH = "10513", "10546"


def page_of(figure: str) -> str:
    return f"/reporting/figures/{figure}/map"


def listed(page: Shown) -> dict[str, list[str]]:
    """The rows of the list by the code of their commune."""
    return {row[0].rpartition("(")[2].rstrip(")"): row[1:] for row in page.tables[LIST]}


async def drawn(client: httpx.AsyncClient, who: str, figure: str, **given: str) -> dict[str, str]:
    """The title of every shape of the map, and its shade."""
    answer = await client.get(page_of(figure), params=given, headers=bearer(who, Accept="text/html"))
    assert answer.status_code == 200, answer.text
    assert "style=" not in answer.text
    assert len(gzip.compress(answer.content)) < 60_000
    shapes = re.findall(r'<path class="([\w-]+)" d="[^"]+"><title>([^<]*)</title>', answer.text)
    return {title.partition(":")[0] + str(number): shade for number, (shade, title) in enumerate(shapes)}


async def test_every_commune_is_drawn_and_listed_with_the_number_that_the_api_tells(
    client: httpx.AsyncClient, look: Look
) -> None:
    # Given 12 cases in two communes
    page, shapes = await look(page_of(CASES), **YEAR), await drawn(client, "committee", CASES, **YEAR)
    communes = area_book().communes("30@2008", DAY)
    # Then each commune of the period has a line and a shape
    assert set(listed(page)) == {area.code for area in communes}
    assert len(shapes) == len(communes)
    asked = {"area": "30", **YEAR, "by": "commune"}
    answer = (await client.get(f"/v1/figures/{CASES}", params=asked, headers=bearer("committee"))).json()
    assert {code: row[0] for code, row in listed(page).items()} == {
        row["commune"]: str(row["value"]) for row in answer["rows"]
    }
    # And two of them are not of the shade of nought
    assert sorted(shapes.values()).count("shade-0") == len(communes) - 2


async def test_a_commune_of_the_map_leads_to_the_figure_in_it(look: Look) -> None:
    page = await look(page_of(CASES), **YEAR)
    name = area_book().by_uid[f"{HAI_DUONG}@2008"].name
    assert f"area={HAI_DUONG}%402008" in page.links[f"{name} ({HAI_DUONG})"]


async def test_a_district_is_drawn_alone(client: httpx.AsyncClient) -> None:
    shapes = await drawn(client, "district", CASES, **YEAR, area="288")
    assert len(shapes) == len(area_book().communes("288@2008", DAY))


async def test_the_areas_of_today_are_drawn_with_what_each_was_made_of(
    client: httpx.AsyncClient, look: Look
) -> None:
    today = {**YEAR, "geography": "2025-07-01", "area": "31"}
    page, shapes = await look(page_of(CASES), **today), await drawn(client, "committee", CASES, **today)
    communes = area_book().communes("31@2025", date(2025, 7, 1))
    assert len(shapes) == len(communes)
    made = {area.code: [step.from_uid for step in area_book().predecessions(area.uid)] for area in communes}
    for code, uids in made.items():
        said = listed(page)[code][1]
        assert all(area_book().by_uid[uid].name in said for uid in uids), code


async def test_a_number_that_is_withheld_has_no_shade_and_is_not_in_the_list(
    client: httpx.AsyncClient, look: Look
) -> None:
    # Given four patients, three of them in one commune: exact for health, withheld from an analyst
    year = {"calendar": "civil", "period": "2023"}
    exact = await look(page_of(PATIENTS), "health", **year)
    assert listed(exact)[HAI_DUONG][0] == "3"
    page = await look(page_of(PATIENTS), "analyst", **year)
    assert listed(page)[HAI_DUONG][0] == message("page.figures.withheld_short").vi
    shapes = await drawn(client, "analyst", PATIENTS, **year)
    assert "hidden" in shapes.values()
    assert not {shade for shade in shapes.values() if shade in ("shade-1", "shade-2", "shade-3", "shade-4")}


@pytest.mark.parametrize(
    ("figure", "given", "status"),
    [("no.figure", {}, 404), (CASES, {"by": "sex"}, 422), (CASES, {"area": "0"}, 404)],
)
async def test_what_cannot_be_drawn_is_refused_as_a_page(
    client: httpx.AsyncClient, figure: str, given: dict[str, str], status: int
) -> None:
    headers = bearer("committee", Accept="text/html")
    answer = await client.get(page_of(figure), params={**YEAR, **given}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
