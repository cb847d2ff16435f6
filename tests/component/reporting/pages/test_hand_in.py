"""The board of hand-ins says what the ledger says, to each reader what he may see, and what is late first."""

from typing import Any

import httpx
import pytest

from contracts.forms import FORMS
from tests.component.reporting.pages.conftest import Look
from tests.support.callers import bearer
from texts import message

NOVEMBER = {"calendar": "police", "period": "2023-11"}
UNIT, FORM, STATE = range(3)
BY_FORM, BY_UNIT = message("page.handin.by_form").vi, message("page.handin.by_unit").vi


async def ledger(client: httpx.AsyncClient, who: str, **given: str) -> Any:
    """What the API tells the same reader."""
    answer = await client.get("/v1/ledger", params={**NOVEMBER, **given}, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("who", ["committee", "district", "clerk of a commune"])
async def test_counts_and_lines_are_those_of_the_ledger(
    client: httpx.AsyncClient, look: Look, who: str
) -> None:
    area = {"committee": "30", "district": "288", "clerk of a commune": "10513"}[who]
    page = await look("/reporting/hand-in", who, **NOVEMBER, area=area, form="fires")
    found = await ledger(client, who, area=area)
    expected = {FORMS[one["form"]].vi: str(one["expected"]) for one in found["forms"]}
    assert {row[0]: row[1] for row in page.tables[BY_FORM]} == expected
    lines = [one for one in found["entries"] if one["form"] == "fires"]
    listed = {row[UNIT].rpartition("(")[2].rstrip(")") for row in page.tables[BY_UNIT]}
    assert len(page.tables[BY_UNIT]) == min(len(lines), 200)
    assert listed <= {one["unit"] for one in lines}


async def test_what_is_missing_comes_first_and_what_is_in_order_last(look: Look) -> None:
    page = await look("/reporting/hand-in", "district", calendar="civil", period="2023", area="288")
    order = [message(f"page.handin.state.{state}").vi for state in ("missing", "late", "awaited", "received")]
    states = [order.index(row[STATE]) for row in page.tables[BY_UNIT]]
    assert states == sorted(states)
    assert len(set(states)) > 1


async def test_only_lines_of_the_state_and_form_that_are_asked_for_are_listed(look: Look) -> None:
    asked = {"calendar": "civil", "period": "2023", "area": "288", "form": "fires", "state": "missing"}
    page = await look("/reporting/hand-in", "district", **asked)
    assert {(row[FORM], row[STATE]) for row in page.tables[BY_UNIT]} == {
        (FORMS["fires"].vi, message("page.handin.state.missing").vi)
    }


async def test_whoever_only_counts_is_told_numbers_and_no_unit(look: Look) -> None:
    page = await look("/reporting/hand-in", "analyst", **NOVEMBER)
    assert BY_UNIT not in page.tables
    assert message("page.handin.only_counts").vi in page.text
    assert "police:" not in page.text


@pytest.mark.parametrize(
    ("who", "given", "status"),
    [
        ("operator", {}, 403),
        ("district", {"area": "290"}, 403),
        ("analyst", {"area": "288"}, 403),
        ("committee", {"form": "none"}, 422),
        ("committee", {"state": "lost"}, 422),
    ],
)
async def test_what_may_not_be_asked_is_refused_as_a_page(
    client: httpx.AsyncClient, who: str, given: dict[str, str], status: int
) -> None:
    headers = bearer(who, Accept="text/html")
    answer = await client.get("/reporting/hand-in", params={**NOVEMBER, **given}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
