"""The reconciliation room: numbers side by side, the way between them drawn and counted, its records marked, minutes to sign."""

import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.component.reporting.reconciliation.test_reconciliation_http import CALLERS
from tests.support.callers import bearer, client_of, known_to
from tests.support.page_tables import Shown, shown
from tests.support.reconciliation import ADDICTS, LATE, Case
from tests.support.reporting import NOW, fold, fresh, reporting_settings
from texts import message

DAY = {"area": "30", "as_of": "2023-12-14"}
PERIOD = {"area": "30", "calendar": "civil", "period": "2023"}
ROOM = "/reporting/reconciliation"
BRIDGE = f"{ROOM}/{ADDICTS}"
PURPOSE = {"purpose": "reconciliation"}
BOTH = {"agency": "health", "against": "police"}
TABLE = message("page.bridge.table").vi
DECLARED = message("page.reconciliation.declared").vi
PEOPLE = CALLERS | {"operator": Principal("committee:30", "30", "operator", "o")}


@pytest.fixture(scope="module")
async def client(server: PostgresServer) -> AsyncIterator[httpx.AsyncClient]:
    """Four addicts, three of them recorded late; police declared one, health six, for one day."""
    _, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    case = Case()
    case.addict("an")
    for number in range(3):
        case.addict(f"late {number}", recorded=LATE)
    case.declare(1)
    case.declare(6, agency="health", as_of=date(2023, 12, 14), on=date(2023, 12, 22))
    await fold(made, case.log.messages)
    async with client_of(known_to(made, PEOPLE, NOW), compose, timeout=60) as there:
        yield there
    await made.close()


async def asked(client: httpx.AsyncClient, path: str, who: str = "police", **given: str) -> httpx.Response:
    headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
    return await client.get(path, params=given or None, headers=headers)


async def look(client: httpx.AsyncClient, path: str, who: str = "police", **given: str) -> Shown:
    answer = await asked(client, path, who, **given)
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


def number(text: str) -> int:
    return int(text.replace("\u2212", "-").replace("+", "").replace("±", "").replace(".", ""))


async def test_health_and_police_stand_side_by_side_with_the_registers_and_lead_to_the_way_between(
    client: httpx.AsyncClient,
) -> None:
    page = await look(client, ROOM, **PERIOD)
    (row,) = page.tables[DECLARED]
    assert row[1:] == ["14/12/2023", "6", "1", "4", message("page.reconciliation.differs").vi]
    href = page.links[row[0]]
    assert (await asked(client, href)).status_code == 200
    assert "agency=health&against=police" in href
    # Of a period for which nobody declared anything the page says so
    empty = await look(client, ROOM, **PERIOD | {"period": "2022"})
    assert empty.tables[DECLARED] == [[message("page.reconciliation.nothing_declared").vi]]


async def test_the_way_adds_up_from_one_number_over_the_registers_to_the_other(
    client: httpx.AsyncClient,
) -> None:
    page = await look(client, BRIDGE, **DAY, **BOTH)
    rows = page.tables[TABLE]
    totals = [row for row in rows if row[3] == ""]
    assert [number(row[2]) for row in totals] == [6, 4, 1]
    steps = [number(row[2]) for row in rows if row[3] != ""]
    assert 6 + sum(steps) == 1
    # And it is drawn, each bar with its title
    answer = await asked(client, BRIDGE, **DAY, **BOTH)
    titles = re.findall(r"<rect[^>]*><title>([^<]*)</title>", answer.text)
    assert len(titles) == len([row for row in rows if row[3] == "" or number(row[2])])
    assert "style=" not in answer.text


async def test_a_step_opens_its_records_to_whoever_may_list_them_and_says_why(
    client: httpx.AsyncClient,
) -> None:
    opened = {**DAY, "agency": "police", "step": "recorded_late"}
    page = await look(client, BRIDGE, **opened, **PURPOSE)
    (records,) = [rows for caption, rows in page.tables.items() if caption not in (TABLE,)]
    assert len(records) == 3
    for who, given in (("police", {}), ("committee", PURPOSE)):
        counted = await look(client, BRIDGE, who, **opened, **given)
        assert set(counted.tables) == {TABLE}
        assert message("reconcile_records_hidden").vi in counted.text


async def test_a_record_behind_a_step_is_marked_once_and_who_was_not_first_is_told(
    client: httpx.AsyncClient,
) -> None:
    # Given a record behind a step, opened twice
    page = await look(client, BRIDGE, **DAY, agency="police", step="recorded_late", **PURPOSE)
    href = next(href for href in page.links.values() if "/line?" in href)
    inputs = (await look(client, href)).inputs
    hidden = ("area", "as_of", "agency", "line", "purpose", "seen")
    form = {name: inputs[name] for name in hidden}
    headers = bearer("police", Accept="text/html", **{"Accept-Language": "vi"})
    # When one marks it, twice by a double click, and the other marks it otherwise
    done = form | {"mark": "disputed", "note": "đã nộp đúng hạn"}
    first = await client.post(f"{BRIDGE}/line", data=done, headers=headers)
    again = await client.post(f"{BRIDGE}/line", data=done, headers=headers)
    other = await client.post(f"{BRIDGE}/line", data=form | {"mark": "done"}, headers=headers)
    # Then there is one mark, and the other is told
    assert (first.status_code, again.status_code, other.status_code) == (303, 303, 409)
    assert message("mark_line_changed").vi in other.text
    line = await look(client, first.headers["location"])
    (step,) = line.tables[message("page.line.history").vi]
    assert (step[0], step[4]) == (message("page.mark.disputed").vi, "đã nộp đúng hạn")
    # And whoever is not shown the record cannot mark it
    for who in ("committee", "health", "operator"):
        refused = await client.post(f"{BRIDGE}/line", data=done, headers=bearer(who, Accept="text/html"))
        assert refused.status_code == 403, who


async def test_the_minutes_have_both_numbers_the_steps_and_a_place_for_each_to_sign(
    client: httpx.AsyncClient,
) -> None:
    page = await look(client, f"{BRIDGE}/minutes", **DAY, **BOTH)
    numbers = page.tables[message("page.minutes.numbers").vi]
    assert [row[2] for row in numbers] == ["6", "1", "4"]
    for agency in BOTH.values():
        assert message("page.minutes.signer", agency=message(f"holder.agency.{agency}")).vi in page.text
    # The registers' records are in no minutes
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", page.text)


@pytest.mark.parametrize(
    ("path", "who", "given", "status"),
    [
        (BRIDGE, "health", DAY | {"agency": "police"}, 403),
        (BRIDGE, "committee analyst", DAY | {"agency": "police"}, 403),
        (BRIDGE, "district police", DAY | {"agency": "police"}, 403),
        (BRIDGE, "police", DAY | {"agency": "labour"}, 404),
        (BRIDGE, "police", DAY | {"agency": "nobody"}, 422),
        (BRIDGE, "police", DAY | {"step": "none"}, 422),
        (f"{BRIDGE}/minutes", "health", DAY | BOTH, 403),
        (f"{BRIDGE}/line", "police", DAY | {"agency": "police", "line": "x.y.z"} | PURPOSE, 404),
        (f"{BRIDGE}/line", "police", DAY | {"agency": "police", "line": "x.y.z"}, 400),
        (f"{BRIDGE}/line", "committee", DAY | {"agency": "police", "line": "x"} | PURPOSE, 403),
    ],
)
async def test_what_may_not_be_asked_is_refused_as_a_page(
    client: httpx.AsyncClient, path: str, who: str, given: dict[str, str], status: int
) -> None:
    answer = await asked(client, path, who, **given)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
