"""Tables of two dimensions in data queries: every format, updates and history, each cell once, and nobody's small counts."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import xmlschema
from lxml import etree

from reference import FIGURES
from services.chassis.platform import Platform
from tests.component.reporting.dissemination.conftest import ADX, case
from tests.support.callers import bearer
from tests.support.reporting import CHI_LINH, HAI_DUONG, Log, days, fold, listed

CASES, USERS = "/v1/data/drug_cases.detected", "/v1/data/registry.users"
Key = tuple[Any, ...]


def cases() -> Log:
    """In Hải Dương a case of trade with heroin and one of possession, in Chí Linh one of trade, written down in August."""
    log = Log()
    case(log, "1", date(2023, 1, 10), substance="heroin")
    case(log, "2", date(2023, 1, 20), offence="possession")
    case(log, "3", date(2023, 5, 5), CHI_LINH, recorded=date(2023, 8, 1))
    return log


async def ask(client: httpx.AsyncClient, path: str = CASES, **given: str) -> httpx.Response:
    answer = await client.get(path, params={"startPeriod": "2023", **given})
    assert answer.status_code == 200, answer.text
    return answer


def keyed(document: dict[str, Any]) -> dict[Key, Any]:
    """What is not zero, by what identifies it; each may be there only once."""
    found: dict[Key, Any] = {}
    for seen in document["observations"]:
        key = (seen["area"], *(seen.get(name) for name in ("by", "row", "across", "column")))
        assert key not in found
        found[key] = seen["value"]
    return {key: value for key, value in found.items() if value}


async def test_cells_of_a_place_are_rows_of_that_place(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    expected = {
        ("30@2008", None, None, None, None): 3,
        ("288@2008", None, None, None, None): 2,
        ("290@2008", None, None, None, None): 1,
        ("30@2008", "offence", "trade", None, None): 2,
        ("30@2008", "offence", "possession", None, None): 1,
        ("288@2008", "offence", "trade", None, None): 1,
        ("288@2008", "offence", "possession", None, None): 1,
        ("290@2008", "offence", "trade", None, None): 1,
    }
    assert keyed((await ask(client, by="area,offence")).json()) == expected
    assert keyed((await ask(client, by="offence,area")).json()) == expected
    both = keyed((await ask(client, by="area,offence", area="30,288")).json())
    assert {key: value for key, value in both.items() if key in expected} == expected
    assert {key[0] for key in both.keys() - expected.keys()} == {HAI_DUONG}


async def test_cells_of_two_other_dimensions_have_both(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    found = keyed((await ask(client, by="offence,substance")).json())
    crossed = {key[2::2]: value for key, value in found.items() if key[3] == "substance"}
    assert crossed == {("trade", "heroin"): 1, ("trade", "unknown"): 1, ("possession", "unknown"): 1}


async def test_every_format_carries_both_dimensions(platform: Platform, client: httpx.AsyncClient) -> None:
    await fold(platform, cases().messages)
    text = (await ask(client, by="offence,substance", format="csv")).text
    lines = {
        (line["DIMENSION"], line["CATEGORY"]): line["OBS_VALUE"] for line in csv.DictReader(io.StringIO(text))
    }
    assert lines["offence,substance", "trade,heroin"] == "1"
    assert lines["_T", "_T"] == "3"
    values = (await ask(client, by="offence,substance", format="dhis2")).json()["dataValues"]
    combinations = {one["categoryOptionCombo"]: one["value"] for one in values}
    assert combinations["offence:trade,substance:heroin"] == "1"
    assert combinations["default"] == "3"
    body = (await ask(client, by="offence,substance", format="adx")).content
    xmlschema.XMLSchema(str(ADX)).validate(body.decode())
    cell = etree.fromstring(body).xpath("//*[@offence='trade'][@substance='heroin']/@value")
    assert cell == ["1"]


async def test_a_copy_of_a_table_stays_equal_to_the_whole(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    """Cells appear, change and go, as records are corrected; the copy takes only what is told of them."""
    log = Log()
    for number, day in enumerate(days(date(2023, 1, 1), 10)):
        place, offence = (HAI_DUONG, CHI_LINH)[number % 2], ("trade", "possession")[number % 3 == 0]
        case(log, f"c{number % 4}", day, place, offence=offence)
    copy: dict[Key, Any] = {}
    known: dict[str, str] = {}
    for message in log.messages:
        await fold(platform, [message])
        document = (await ask(client, by="area,offence", **known)).json()
        for seen in document["observations"]:
            key = (seen["area"], *(seen.get(name) for name in ("by", "row", "across", "column")))
            copy[key] = 0 if seen.get("action") == "delete" else seen["value"]
        known = {"updatedAfter": document["known_at"]}
        whole = keyed((await ask(client, by="area,offence")).json())
        assert {key: value for key, value in copy.items() if value} == whole


async def test_history_says_from_when_to_when_a_cell_stood(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = cases()
    case(log, "2", date(2023, 1, 20), offence="possession", recorded=date(2023, 9, 1), commune=CHI_LINH)
    await fold(platform, log.messages)
    document = (await ask(client, by="area,offence", includeHistory="true")).json()
    stood = [
        (seen["area"], seen["valid_from"][:10], (seen["valid_to"] or "")[:10])
        for seen in document["observations"]
        if seen.get("row") == "possession" and seen["area"] != "30@2008"
    ]
    assert [area for area, _, _ in stood] == ["288@2008", "290@2008"]
    assert stood[0][2] == stood[1][1]
    assert stood[1][2] == ""


async def test_all_are_the_figures_that_make_the_table(client: httpx.AsyncClient) -> None:
    document = (await ask(client, "/v1/data/all", by="area,offence")).json()
    named = {seen["figure"] for seen in document["observations"]}
    assert named == {code for code, figure in FIGURES.items() if "offence" in figure.dimensions}


async def test_no_table_of_a_protected_figure_is_told_in_any_format(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    await fold(platform, log.messages)
    for form in ("json", "csv", "dhis2", "adx"):
        given = {"startPeriod": "2023-12", "by": "area,sex", "format": form}
        answer = await client.get(USERS, params=given, headers=bearer("health"))
        assert (answer.status_code, answer.json()["rule"]) == (403, "table_exact_only")
        assert (await client.get(USERS, params=given)).status_code == 200


async def test_a_pair_that_makes_no_table_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(CASES, params={"startPeriod": "2023", "by": "area,region"})
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["field"], fault["rule"]) == (422, "by", "dimension_partner")
