"""A report compares with the year before only where both years' registers are declared; else it says so beside the number."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import docx
import httpx
import openpyxl
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.ledger.expectations import offices
from tests.component.reporting.documents.programs import text_of
from tests.component.reporting.documents.world import CALLERS, NOW, declare, province
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import Log, fold, fresh, reporting_settings

COMPARED = "tăng 02 vụ (20,0%) so với năm 2022 (10 vụ)"
SAID = "phát hiện 12 vụ, 24 đối tượng (chưa so sánh được với năm 2022: chưa đủ sổ)"
LAST_UNIT = "police:10513"
World = tuple[Platform, httpx.AsyncClient, Log]


@pytest.fixture(scope="module")
async def world(server: PostgresServer) -> AsyncIterator[World]:
    """The province with all of 2023 declared, and of 2022 what all units but one declared."""
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    log = province(former_declared=False)
    units = [code for code in offices(date(2022, 12, 31)) if code.startswith("police:") and code != LAST_UNIT]
    declare(log, 2022, units=units)
    await fold(made, log.messages)
    there = known_to(made, CALLERS, NOW)
    async with client_of(there, compose, timeout=60) as client:
        yield there, client, log
    await made.close()
    server.drop_database(name)


async def police(client: httpx.AsyncClient, kind: str, who: str = "committee", **more: str) -> bytes:
    given = {"year": "2023", **more}
    answer = await client.get(f"/v1/reports/police.{kind}", params=given, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    return answer.content


def prose(document: dict[str, Any]) -> str:
    said = [
        "".join(run.get("text") or run.get("shown", "") for run in block["runs"])
        for block in document["body"]
        if block["type"] == "paragraph"
    ]
    return "\n".join(said).replace("\u00a0", " ")


def former(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the cases of 2022."""
    return [
        row
        for row in rows
        if row["figure"] == "drug_cases.detected" and row["to"] == "2022-12-31" and not row["by"]
    ]


async def test_one_unit_that_did_not_declare_the_year_before_is_enough_to_say_so(world: World) -> None:
    _, client, _ = world
    document = json.loads(await police(client, "json"))
    text = prose(document)
    assert SAID in text
    assert COMPARED not in text
    assert "“chưa đủ sổ”: không so sánh với năm 2022" in text
    (cell,) = former(document["cells"])
    assert (cell["value"], cell["remark"]) == (None, "incomplete")


async def test_every_format_says_it_where_the_number_would_stand(world: World) -> None:
    _, client, _ = world
    sheet = csv.DictReader(io.StringIO((await police(client, "csv")).decode("utf-8-sig"), newline=""))
    (row,) = former(list(sheet))
    assert (row["value"], row["remark"]) == ("", "incomplete")
    book = openpyxl.load_workbook(io.BytesIO(await police(client, "xlsx")))
    shown = {cell.value for page in book for line in page.iter_rows() for cell in line}
    assert "chưa đủ sổ" in shown
    paper = docx.Document(io.BytesIO(await police(client, "docx")))
    tables = [cell.text for table in paper.tables for line in table.rows for cell in line.cells]
    assert "chưa đủ sổ" in tables
    assert any(
        "chưa so sánh được với năm 2022" in part.text.replace("\u00a0", " ") for part in paper.paragraphs
    )
    assert "chưa đủ sổ" in " ".join(text_of(await police(client, "pdf")).replace("\u00a0", " ").split())


async def test_an_area_is_compared_by_the_units_in_it_and_above_it(world: World) -> None:
    _, client, _ = world
    # Chí Linh's units and the province's have declared both years; the commune that has not lies elsewhere.
    elsewhere = json.loads(await police(client, "json", area="290"))
    (cell,) = former(elsewhere["cells"])
    assert (cell["value"], cell.get("remark")) == (10, None)


async def test_when_the_last_unit_has_declared_it_the_years_are_compared_and_before_that_instant_they_are_not(
    world: World,
) -> None:
    there, client, log = world
    at = len(log.messages)
    declare(log, 2022, units=[LAST_UNIT])
    await fold(there, log.messages[at:])
    document = json.loads(await police(client, "json"))
    assert COMPARED in prose(document)
    assert [cell["value"] for cell in former(document["cells"])] == [10]
    # As known before anybody declared anything nothing is compared.
    earlier = json.loads(await police(client, "json", known_at="2024-01-03"))
    assert SAID in prose(earlier)
    # A withdrawn statement takes the comparison back.
    first, last = date(2022, 1, 1), date(2022, 12, 31)
    log.state("drug_cases", LAST_UNIT, first, last, None, recorded=date(2024, 1, 10))
    await fold(there, log.messages[-1:])
    assert SAID in prose(json.loads(await police(client, "json")))


async def test_who_only_counts_is_told_of_the_province_and_of_no_area_whether_its_units_declared(
    world: World,
) -> None:
    _, client, _ = world
    # In Chí Linh every unit has declared both years; one unit of the province, elsewhere, has not.
    told = {}
    for who in ("committee", "analyst"):
        (cell,) = former(json.loads(await police(client, "json", who, area="290"))["cells"])
        told[who] = (cell["value"], cell.get("remark"))
    assert told == {"committee": (10, None), "analyst": (None, "incomplete")}
