"""Files that offices sent, through the page: told as `khopso import` and the services tell them (test_cases_of_offices)."""

import csv
from collections.abc import Mapping
from uuid import uuid4

import httpx
import pytest

from tests.component.desk.conftest import Browser, keeper_of, said
from tests.component.desk.test_pasting import counts_of, version
from tests.support.cases import CASES
from tests.support.registers import Service

pytestmark = pytest.mark.hai_duong("files of its offices, with communes of their own")
NEW, REFUSED = "Bản ghi mới", "Bị từ chối"


async def dropped(browser: Browser, form: str, name: str) -> httpx.Response:
    """The preview of a file."""
    answer = await browser.service.client.post(
        f"/{browser.service.name}/forms/{form}/paste",
        data={"request_id": str(uuid4())},
        files={"file": (name, (CASES / name).read_bytes())},
        headers=browser.headers,
    )
    return await browser.follow(answer)


async def pasted(browser: Browser, form: str, name: str) -> httpx.Response:
    """The preview of the same rows, copied from a spreadsheet."""
    rows = csv.reader((CASES / name).read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    text = "".join("\t".join(cells) + "\r\n" for cells in rows)
    answer = await browser.send(f"forms/{form}/paste", text=text, request_id=str(uuid4()))
    return await browser.follow(answer)


async def test_03_days_in_every_spelling_are_told_alike_from_a_file_and_from_the_clipboard(
    desks: Mapping[str, Service],
) -> None:
    clerk = keeper_of(desks["registry"], "registry")
    for way in (dropped, pasted):
        page = await way(clerk, "registry", "date-spellings-so.csv")
        assert counts_of(page.text, "registry") == {NEW: 7, REFUSED: 4}


async def test_06_numbers_that_a_spreadsheet_has_changed_are_refused_at_their_cells(
    desks: Mapping[str, Service],
) -> None:
    page = await dropped(keeper_of(desks["registry"], "registry"), "registry", "national-id-so.xlsx")
    assert counts_of(page.text, "registry") == {NEW: 8, REFUSED: 5}
    for number in (3, 4, 6, 12, 13):
        assert f'id="m{number}-national_id-fault"' in page.text, number


async def test_20_numbers_that_begin_anew_are_refused_with_the_case_that_stands(
    desks: Mapping[str, Service],
) -> None:
    clerk = keeper_of(desks["incidents"], "drug_cases")
    first = await dropped(clerk, "drug_cases", "numbers-begin-anew-2023.csv")
    assert counts_of(first.text, "drug_cases") == {NEW: 2}
    confirmed = await clerk.send(f"{first.url.path}/confirm", version=version(first.text))
    assert confirmed.status_code == 303
    again = await dropped(clerk, "drug_cases", "numbers-begin-anew-2024.csv")
    assert counts_of(again.text, "drug_cases") == {REFUSED: 2}
    assert "05/03/2023" in said(again.text)
