"""How the months of a figure grew after their ends is told to readers of exact numbers, as it was known week by week."""

import httpx

from tests.component.reporting.pages.conftest import Look
from tests.support.callers import bearer
from texts import message

CASES, PATIENTS = "drug_cases.detected", "methadone.active"
YEAR = {"calendar": "civil", "period": "2023"}
MONTHS = message("page.growth.months", unit="vụ").vi


def page_of(figure: str) -> str:
    return f"/reporting/figures/{figure}/growth"


async def test_a_month_is_shown_as_it_was_known_after_its_end_and_as_it_is_known_now(look: Look) -> None:
    # Given 12 cases of May 2023, each recorded on its own day: all were known when the month ended
    page = await look(page_of(CASES), **YEAR)
    rows = {row[0]: row[1:] for row in page.tables[MONTHS]}
    assert rows["2023-05"] == ["12"] * 6
    assert rows["2023-06"] == ["0"] * 6
    # And of months without a case no share can be said
    (_, middle, _, of_months) = page.tables[message("page.growth.curve").vi][0]
    assert of_months == "1"
    # Vietnamese writes no space before the sign
    assert middle.rstrip("%").replace(",", "").isdigit()
    assert message("page.growth.few").vi in page.text


async def test_it_is_refused_to_whoever_is_told_released_numbers(client: httpx.AsyncClient) -> None:
    headers = bearer("analyst", Accept="text/html")
    assert (await client.get(page_of(PATIENTS), params=YEAR, headers=headers)).status_code == 403
