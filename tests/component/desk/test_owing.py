"""The desk says what its unit owes, late first; nil and complete are stated, shown with who and when, and withdrawn on a page."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import orjson
import pytest

from contracts.forms import FORMS
from reference import DayKind, listed_days_off, resolve
from services.chassis.kafka import Delivered, Permanent
from services.chassis.security import Unit
from services.registers.days_off import keep_changes
from services.registers.owing import STATES, Stated, periods_owed, state_of
from tests.component.desk.conftest import Browser, browser_of, cells, said
from tests.support.days_off import tell
from tests.support.registers import Service, types

COMMUNE = "police:10513"
NOVEMBER = {"calendar": "police", "period": "2024-11"}  # 15 October to 14 November; today is 2 December
FIRE = {
    "incident_no": "C-01",
    "commune_code": "10513",
    "alarm_at": "02112024 0500",
    "place": "dwelling",
    "cause": "electrical",
}


@pytest.fixture
async def incidents(desks: Mapping[str, Service]) -> Service:
    return desks["incidents"]


async def state(browser: Browser, says: str, form: str = "fires", **period: str) -> str:
    """Where the form leads that states something."""
    answer = await browser.send(f"forms/{form}/statement", says=says, **(period or NOVEMBER))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def desk_of(browser: Browser) -> str:
    """What the desk says before its search."""
    return said((await browser.get("/incidents/")).text).partition("Tìm bản ghi")[0]


async def test_the_desk_lists_what_its_unit_owes_with_what_is_late_first(incidents: Service) -> None:
    # Given nothing handed in by anybody, on 2 December, after the province's last day of 18 November
    province = await desk_of(browser_of(incidents, "police:30"))
    # Then the province is late by as many days, and says of how many registers
    assert "còn 5 trong 5" in province
    assert f"{FORMS['fires'].vi} tháng 11 năm 2024 18/11/2024 Quá hạn 14 ngày" in province
    # And a commune, for whom no rule sets a last day, is told that nothing has come
    commune = await desk_of(browser_of(incidents, COMMUNE))
    assert "Chưa có gì" in commune
    assert "Quá hạn" not in commune
    # And a unit of which nothing is expected here owes nothing
    assert "Việc của đơn vị" not in await desk_of(browser_of(incidents, "health:30"))


async def hear(service: Service, number: int, kind: DayKind, first: str, last: str, at: datetime) -> None:
    """Let the service apply what reporting tells of a confirmation, twice as after a restart of the log."""
    async with service.platform.uow() as session:
        await tell(session, number, kind, first, last, at)
    ((payload,),) = await service.query(
        "SELECT payload FROM outbox WHERE topic = 'reporting.calendars' ORDER BY id DESC LIMIT 1"
    )
    for _ in range(2):
        await hear_bytes(service, bytes(payload))


async def hear_bytes(service: Service, value: bytes) -> None:
    """Let the service apply a message of the topic."""
    moment, document = service.platform.clock(), orjson.loads(value)
    delivered = Delivered("reporting.calendars", 0, 0, b"days-off", value, {}, moment, document)
    async with service.platform.uow() as session:
        await keep_changes([delivered], session)


async def test_last_days_are_those_of_days_off_that_were_changed_while_the_system_runs(
    incidents: Service,
) -> None:
    browser = browser_of(incidents, "police:30")
    now = incidents.platform.clock()
    # Given the last day of the province, a Monday, and the day after it, which two administrators made days off
    await hear(incidents, 1, "off", "2024-11-18", "2024-11-19", now - timedelta(hours=2))
    # Then the desk and the page of the statement say the day after them
    assert "tháng 11 năm 2024 20/11/2024 Quá hạn 12 ngày" in await desk_of(browser)
    assert "20/11/2024" in said((await browser.get("forms/fires/statement", **NOVEMBER)).text)
    # And of a day the last confirmation counts, once it holds
    await hear(incidents, 2, "listed", "2024-11-18", "2024-11-19", now - timedelta(hours=1))
    await hear(incidents, 3, "off", "2024-11-18", "2024-11-18", now + timedelta(hours=1))
    assert "tháng 11 năm 2024 18/11/2024 Quá hạn 14 ngày" in await desk_of(browser)


async def test_a_message_that_says_of_no_day_what_it_is_becomes_a_dead_letter(incidents: Service) -> None:
    with pytest.raises(Permanent, match="rule-broken"):
        await hear_bytes(incidents, orjson.dumps({"type": "reporting.days_off.changed.v1"}))


async def test_nil_is_confirmed_on_a_page_that_says_what_it_means_and_shows_who_and_when(
    incidents: Service,
) -> None:
    browser = browser_of(incidents, COMMUNE)
    page = said((await browser.get("forms/fires/statement", **NOVEMBER)).text)
    assert "15/10/2024 – 14/11/2024" in page
    assert "Số 0 trong báo cáo khi đó là số thật" in page
    # When it is confirmed twice, as by a double click
    places = [await state(browser, "nil") for _ in range(2)]
    # Then it is stated once, shown with who and when, and done on the desk
    assert [place.rpartition("=")[2] for place in places] == ["stated", "unchanged"]
    after = said((await browser.get(places[0])).text)
    assert "Không phát sinh, test-clerk xác nhận lúc 02/12/2024" in after
    assert types(await incidents.events()) == ["statement.made"]
    assert "Không phát sinh" in await desk_of(browser)


async def test_a_row_of_the_period_ends_what_was_stated_as_nil(incidents: Service) -> None:
    browser = browser_of(incidents, COMMUNE)
    await state(browser, "nil")
    # When a fire of the period is entered after all
    assert (await browser.send("forms/fires/new", **cells(FIRE))).status_code in (200, 303)
    # Then desk and page say so, and the statement can be withdrawn
    assert "Báo không phát sinh nhưng đã có bản ghi" in await desk_of(browser)
    page = await browser.get("forms/fires/statement", **NOVEMBER)
    assert "không còn giá trị" in said(page.text)
    assert 'value="withdrawn"' in page.text
    assert 'value="nil"' not in page.text
    await state(browser, "withdrawn")
    assert "Đã có bản ghi, chưa xác nhận đủ" in await desk_of(browser)
    await state(browser, "complete")
    assert "Đã xác nhận đủ" in await desk_of(browser)


async def test_nil_over_rows_is_refused_with_their_number(incidents: Service) -> None:
    browser = browser_of(incidents, COMMUNE)
    await browser.send("forms/fires/new", **cells(FIRE))
    refused = await browser.send("forms/fires/statement", says="nil", **NOVEMBER)
    assert refused.status_code == 422
    assert "1" in said(refused.text).partition("Xác nhận sổ của kỳ báo cáo")[2]
    assert "statement.made" not in types(await incidents.events())


@pytest.mark.parametrize("role", ["analyst", "admin", "operator"])
async def test_who_does_not_answer_for_the_unit_states_nothing(incidents: Service, role: str) -> None:
    browser = browser_of(incidents, COMMUNE, role)
    assert (await browser.get("forms/fires/statement", **NOVEMBER)).status_code == 403
    assert (await browser.send("forms/fires/statement", says="nil", **NOVEMBER)).status_code == 403
    assert await incidents.events() == []


async def test_a_period_or_a_word_that_there_is_not_is_refused(incidents: Service) -> None:
    browser = browser_of(incidents, COMMUNE)
    for wrong in ({**NOVEMBER, "period": "2024-13"}, {**NOVEMBER, "calendar": "?"}):
        assert (await browser.get("forms/fires/statement", **wrong)).status_code == 422
    assert (await browser.send("forms/fires/statement", says="zero", **NOVEMBER)).status_code == 422
    # And a period that is not over is refused by the rule of the interface
    ahead = {**NOVEMBER, "period": "2024-12"}
    assert (await browser.send("forms/fires/statement", says="nil", **ahead)).status_code == 422


def test_a_unit_answers_for_the_shortest_periods_that_its_own_calendar_has() -> None:
    police = Unit("police:1", frozenset({("commune_police", "police")}), level="commune", office=True)
    found = periods_owed(police, date(2024, 12, 2), ["fires", "area_classes"], listed_days_off())
    assert found == [("fires", resolve("police", "2024-11"))]


def test_each_state_follows_from_rows_statement_and_day() -> None:
    nil, whole = (Stated(says, None, "a") for says in ("nil", "complete"))  # type: ignore[arg-type]
    due, before, after = date(2024, 11, 18), date(2024, 11, 18), date(2024, 11, 19)
    expected = {
        "late": state_of(rows=False, stated=None, due=due, today=after),
        "missing": state_of(rows=False, stated=None, due=None, today=after),
        "contradicted": state_of(rows=True, stated=nil, due=due, today=after),
        "expected": state_of(rows=False, stated=None, due=due, today=before),
        "unstated": state_of(rows=True, stated=None, due=due, today=after),
        "done": state_of(rows=True, stated=whole, due=due, today=after),
    }
    assert list(expected.items()) == [(state, state) for state in STATES]
    assert state_of(rows=False, stated=nil, due=due, today=after) == "done"
