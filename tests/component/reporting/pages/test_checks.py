"""The board of checks says what the API says, and a line is marked on its page as over the API: once, seen, and by whom."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import Statement
from services.chassis.platform import Platform
from services.reporting.checks import Aged, queries, usecases
from services.reporting.checks.queries import aged
from services.reporting.checks.rules import Rule
from services.reporting.facts import Connection, fetch
from services.reporting.figures import Scope
from tests.component.reporting.checks.office import Office, opened
from tests.support.callers import bearer
from tests.support.page_tables import Shown, shown
from tests.support.reporting import CHI_LINH, fold, fresh, reporting_settings
from texts import message

RULE = "methadone.not_listed"
PAGE = f"/reporting/checks/{RULE}"
ASKED = {"area": "30", "calendar": "civil", "period": "2023"}
PURPOSE = {"purpose": "reconciliation"}
LINES = message("page.checks.lines").vi
HISTORY = message("page.line.history").vi


@pytest.fixture(scope="module")
async def office(server: PostgresServer) -> AsyncIterator[Office]:
    _, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    async with opened(made) as there:
        yield there
    await made.close()


async def asked(office: Office, path: str, who: str = "health", **given: str) -> httpx.Response:
    headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
    return await office.client.get(path, params=ASKED | given, headers=headers)


async def look(office: Office, path: str, who: str = "health", **given: str) -> Shown:
    answer = await asked(office, path, who, **given)
    assert answer.status_code == 200, answer.text
    return shown(answer.text)


async def send(office: Office, form: dict[str, str], who: str = "health") -> httpx.Response:
    headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
    return await office.client.post(f"{PAGE}/line", data=form, headers=headers)


def row_of(page: Shown, name: str) -> list[str]:
    (found,) = [row for rows in page.tables.values() for row in rows if row[0] == name]
    return found


def line_links(page: Shown) -> list[str]:
    return [href for href in page.links.values() if "/line?" in href]


async def form_of(office: Office, href: str, **typed: str) -> dict[str, str]:
    """The form of a line's page as a browser would send it."""
    answer = await office.client.get(href, headers=bearer("health", Accept="text/html"))
    assert answer.status_code == 200, answer.text
    inputs = shown(answer.text).inputs
    hidden = ("area", "calendar", "period", "line", "purpose", "seen")
    return {name: inputs[name] for name in hidden} | typed


@pytest.mark.parametrize("who", ["health", "clerk", "committee", "district"])
async def test_the_board_counts_what_the_api_counts_for_the_same_reader(office: Office, who: str) -> None:
    area = "288" if who == "district" else "30"
    given: dict[str, Any] = {"params": ASKED | {"area": area}, "headers": bearer(who)}
    told = (await office.client.get("/v1/checks", **given)).json()["checks"]
    page = await look(office, "/reporting/checks", who, area=area)
    listed = {row[0]: row for rows in page.tables.values() for row in rows}
    rules = {one["vi"]: one for one in told if not one["rule"].startswith("balance.")}
    assert listed.keys() == rules.keys()
    for name, one in rules.items():
        withheld = message("page.checks.withheld").vi
        assert listed[name][2] == (withheld if one["count"] is None else str(one["count"])), name
        assert listed[name][1] == message(f"holder.agency.{one['owner']}").vi


async def test_the_board_says_how_many_there_were_thirty_days_ago_and_how_old_the_oldest_is(
    office: Office,
) -> None:
    # Given two patients on no list since March, both known for more than thirty days
    page = await look(office, "/reporting/checks")
    line = row_of(page, message(f"check.{RULE}").vi)
    # Then the board says that there were as many, and the age without the day
    assert line[2:] == ["2", "2 (±0)", message("page.checks.age.year").vi]
    # And whoever may only count is told no age
    assert row_of(await look(office, "/reporting/checks", "committee"), line[0])[4] == ""


async def test_the_board_is_counted_once_for_each_state_of_the_tables(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Sequence[Rule]] = []

    async def heard(connection: Connection, rules: Sequence[Rule], scope: Scope) -> dict[str, Aged]:
        counted.append(rules)
        return await aged(connection, rules, scope)

    monkeypatch.setattr(usecases, "aged", heard)
    # Given a board that an official has looked at
    first = await look(office, "/reporting/checks", area="290")
    assert counted
    # When a colleague looks at it, and he again at another moment of the day
    counted.clear()
    office.clock.advance(timedelta(minutes=5))
    again = await look(office, "/reporting/checks", "colleague", area="290")
    # Then both see the same, and nothing is counted again
    assert (again.tables, counted) == (first.tables, [])
    # When something has come meanwhile, it is
    fire = office.log.write(
        "fires",
        "fire",
        commune=CHI_LINH,
        occurred=date(2023, 5, 1),
        alarm_at=datetime(2023, 5, 1, 3, tzinfo=UTC),
        place="dwelling",
        cause="electrical",
    )
    await fold(office.platform, [fire])
    await look(office, "/reporting/checks", area="290")
    assert counted


async def test_checks_are_counted_without_joining_row_by_row_whatever_is_known_of_the_tables(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined: list[str] = []

    async def heard(connection: Connection, statement: Statement) -> list[tuple[Any, ...]]:
        shown = await (await connection.execute("SHOW enable_nestloop")).fetchone()
        assert shown is not None
        joined.append(str(shown[0]))
        return await fetch(connection, statement)

    monkeypatch.setattr(queries, "fetch", heard)
    # When the board is counted, as known now and before, for an area that nobody has asked about
    await look(office, "/reporting/checks", area="291")
    # Then no statement of the checks may be planned as if each set had one row
    assert joined == ["off", "off"]


async def test_lines_are_shown_to_whoever_may_list_them_and_says_why(office: Office) -> None:
    page = await look(office, PAGE, **PURPOSE)
    assert len(page.tables[LINES]) == 2
    # Without a purpose, and for others, there is the count alone, with the reason
    for who, given in (("health", {}), ("committee", PURPOSE)):
        counted = await look(office, PAGE, who, **given)
        assert LINES not in counted.tables
        assert message("check_records_hidden").vi in counted.text


async def test_a_line_is_marked_on_its_page_once_however_often_the_form_is_sent(office: Office) -> None:
    # Given the first line of the list, and its form filled in
    href = line_links(await look(office, PAGE, **PURPOSE, area="288"))[0]
    form = await form_of(office, href, mark="assigned", to_unit="health:288", note="xem lại")
    # When it is sent twice
    first, second = await send(office, form), await send(office, form)
    # Then both lead back to the line, where the mark stands once, as the API has it
    assert (first.status_code, second.status_code) == (303, 303)
    assert "outcome=marked" in first.headers["location"]
    assert "outcome=unchanged" in second.headers["location"]
    page = shown((await office.client.get(first.headers["location"], headers=bearer("health"))).text)
    (step,) = page.tables[HISTORY]
    assert (step[0], step[3].split(",")[0], step[4]) == (
        message("page.mark.assigned").vi,
        "an.health",
        "xem lại",
    )
    (line,) = await office.lines("district", area="288")
    assert (line["mark"]["to_unit"], line["mark"]["marks"]) == ("health:288", 1)
    # And the list is narrowed to it
    mine = await look(office, PAGE, "district", area="288", marked="mine", **PURPOSE)
    assert len(mine.tables[LINES]) == 1


async def test_of_two_who_mark_a_line_the_second_is_told_and_what_he_typed_is_kept(office: Office) -> None:
    # Given two officials who have opened one line
    href = line_links(await look(office, PAGE, **PURPOSE, area="290"))[0]
    first = await form_of(office, href, mark="done")
    second = await form_of(office, href, mark="disputed", note="chưa gửi Mẫu 11")
    # When both mark it
    assert (await send(office, first)).status_code == 303
    late = await send(office, second, "colleague")
    # Then the second sees that somebody was faster, what stands now, and his own words
    assert late.status_code == 409
    page = shown(late.text)
    assert message("mark_line_changed").vi in page.text
    assert message("page.checks.state.done").vi in page.text
    assert page.inputs["note"] == "chưa gửi Mẫu 11"
    # And can send it again, now that he has seen it
    again = {**second, "seen": page.inputs["seen"]}
    assert (await send(office, again, "colleague")).status_code == 303


async def test_what_is_wrong_with_a_mark_stands_at_its_field_and_nothing_is_marked(office: Office) -> None:
    href = line_links(await look(office, PAGE, **PURPOSE))[0]
    form = await form_of(office, href)
    before = len((await office.marked()).values())
    for typed, text in (
        ({}, message("page.mark.needed").vi),
        ({"mark": "assigned"}, message("mark_needs_whom").vi),
        ({"mark": "note", "note": "số 030201001234"}, message("mark_identity_number").vi),
        ({"mark": "done", "on": "32/01/2024"}, "32/01/2024"),
    ):
        answer = await send(office, form | typed)
        assert answer.status_code == 422
        assert text in answer.text
    assert len((await office.marked()).values()) == before


@pytest.mark.parametrize(
    ("path", "who", "given", "status"),
    [
        ("/reporting/checks", "analyst", {}, 403),
        ("/reporting/checks", "operator", {}, 403),
        ("/reporting/checks", "district", {}, 403),
        (PAGE, "analyst", {}, 403),
        (PAGE, "health", {"purpose": "curiosity"}, 422),
        ("/reporting/checks/recompute", "health", {}, 404),
        ("/reporting/checks/none", "health", {}, 404),
        (f"{PAGE}/line", "clerk", {"line": "x", **PURPOSE}, 403),
        (f"{PAGE}/line", "police", {"line": "x", **PURPOSE}, 403),
        (f"{PAGE}/line", "health", {"line": "x"}, 400),
        (f"{PAGE}/line", "health", {"line": "x", **PURPOSE}, 404),
    ],
)
async def test_what_may_not_be_asked_is_refused_as_a_page(
    office: Office, path: str, who: str, given: dict[str, str], status: int
) -> None:
    answer = await asked(office, path, who, **given)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_whoever_is_not_shown_a_line_cannot_mark_it(office: Office) -> None:
    href = line_links(await look(office, PAGE, **PURPOSE))[0]
    form = await form_of(office, href, mark="done")
    for who in ("clerk", "police", "committee", "admin"):
        assert (await send(office, form, who)).status_code == 403, who


async def test_a_balance_is_drawn_up_from_its_opening_to_its_closing(office: Office) -> None:
    page = await look(office, "/reporting/checks/balance.methadone.active")
    rows = page.tables[message("page.checks.balance").vi]
    counts = [int(row[1].replace(".", "").replace("\u2212", "-")) for row in rows]
    opening, *moves, closing, difference = counts
    assert opening + sum(moves) - closing == difference == 0
    assert closing == 2
