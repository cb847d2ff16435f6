"""Days off changed while the service runs: by two people, with what moves shown, as known then, told once, kept for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from contracts.catalogue import parse_event
from deploy.embedded.postgres import PostgresServer
from reference import listed_days_off
from services.chassis.persistence import AsyncSession
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.amendments import repository
from services.reporting.app import compose
from services.reporting.ledger.reminding import Reminders
from tests.support.callers import bearer, client_of, known_to
from tests.support.page_tables import shown
from tests.support.reporting import fresh, reporting_settings
from tests.support.wait import eventually
from texts import message

NOW = datetime(2023, 11, 14, 2, tzinfo=UTC)
_HOUR_AGO = int((NOW - timedelta(hours=1)).timestamp())
CALLERS = {
    "first": Principal("committee:30", "30", "admin", "admin-one"),
    "second": Principal("police:30", "30", "admin", "admin-two"),
    "long ago": Principal("police:30", "30", "admin", "third", signed_in_at=_HOUR_AGO),
    "district": Principal("police:288", "288", "clerk", "c"),
    "official": Principal("committee:30", "30", "official", "d"),
}
PATH, PAGES = "/v1/amendments", "/reporting/rules/days_off/changes"
NOVEMBER = {"calendar": "police", "period": "2023-11", "unit": "police:288", "form": "fires"}
# Districts' police hand in by the 16th, a Thursday in November 2023.
LAST = date(2023, 11, 16)
OFF = {"kind": "off", "first": "2023-11-16", "last": "2023-11-17", "reason": "Công văn 12/UBND: nghỉ do bão"}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
async def there(server: PostgresServer) -> AsyncIterator[tuple[httpx.AsyncClient, Platform, Clock]]:
    _, url = fresh(server)
    made, clock = Platform.of(reporting_settings(url)), Clock()
    known = known_to(made, CALLERS, clock)
    async with client_of(known, compose) as client:
        yield client, known, clock
    await made.close()


Ask = Callable[..., Any]


async def api(client: httpx.AsyncClient, who: str, path: str = "", **body: Any) -> httpx.Response:
    """A request to the interface; with a body it is sent by POST."""
    return await client.request(
        "POST" if body else "GET", PATH + path, json=body or None, headers=bearer(who)
    )


async def due(client: httpx.AsyncClient, **given: str) -> str:
    """The district's last day for its register of fires of November, by the ledger."""
    asked = await client.get("/v1/ledger", params={**NOVEMBER, **given}, headers=bearer("district"))
    (entry,) = asked.json()["entries"]
    return str(entry["due"])


async def test_days_off_change_only_when_a_second_person_confirms_what_moves(
    there: tuple[httpx.AsyncClient, Platform, Clock],
) -> None:
    client, platform, clock = there
    # Given a proposal, sent twice
    made = [(await api(client, "first", **OFF)) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]
    found, one = made[0].json(), f"/{made[0].json()['id']}"
    # It says what would move, and nothing has moved
    moved = {(each["calendar"], each["period"], each["level"]): each["after"] for each in found["moves"]}
    assert moved["police", "2023-11", "district"] == "2023-11-20"  # the 18th and 19th are a weekend
    assert await due(client) == LAST.isoformat()
    # Nobody confirms his own, without having just signed in, without having seen what moves, or without the right
    confirm = {"verdict": "confirm", "seen": found["seen"]}
    refused = {
        "first": (403, "amendment_own"),
        "long ago": (401, "step_up_required"),
        "official": (403, "role_required"),
    }
    for who, expected in refused.items():
        answer = await api(client, who, f"{one}/decision", **confirm)
        assert (answer.status_code, answer.json()["rule"]) == expected
    blind = await api(client, "second", f"{one}/decision", verdict="confirm", seen="0" * 64)
    assert (blind.status_code, blind.json()["rule"]) == (409, "amendment_moves_others")
    # When the second person confirms, twice
    for _ in range(2):
        done = await api(client, "second", f"{one}/decision", **confirm)
        assert (done.status_code, done.json()["state"], done.json()["decided_by"]) == (
            200, "confirmed", "admin-two",
        )  # fmt: skip
    # Then the last day is another one, and what was known before stays
    clock.now += timedelta(hours=1)
    assert await due(client) == "2023-11-20"
    before = (NOW - timedelta(minutes=1)).isoformat()
    assert await due(client, known_at=before) == LAST.isoformat()
    # And it was told once, without a reason or a name
    (event,) = await events(platform)
    assert (event.data.kind, event.data.first, event.sequence) == ("off", LAST, 1)
    assert not [word for word in ("admin-", "bão", "12/UBND") if word in event.model_dump_json()]
    # And nobody is reminded on the former day after it
    clock.now = datetime(2023, 11, 17, 2, tzinfo=UTC)
    await Reminders(platform).look()
    async with platform.uow() as session:
        told = await session.execute(
            text("SELECT kind, due FROM reminder WHERE unit = 'police:288' AND period = '2023-11'")
        )
        assert set(told.tuples()) == {("due_soon", date(2023, 11, 20))}


async def events(platform: Platform) -> list[Any]:
    async with platform.uow() as session:
        found = await (await raw(session)).execute(
            "SELECT payload FROM outbox WHERE topic = 'reporting.calendars' ORDER BY id"
        )
        return [parse_event("reporting.calendars", bytes(payload)) for (payload,) in await found.fetchall()]


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"first": "2019-12-31", "last": "2019-12-31"}, "first", "amendment_far"),
        ({"first": "2027-12-31", "last": "2027-12-31"}, "first", "amendment_far"),
        ({"first": "2024-02-09", "last": "2024-02-08"}, "last", "amendment_days"),
        ({"first": "2024-02-01", "last": "2024-03-15"}, "last", "amendment_days"),
        ({"first": "2024-02-03", "last": "2024-02-04"}, "kind", "amendment_nothing"),  # a weekend
        ({"reason": " "}, "reason", "amendment_reason"),
        ({"reason": "theo CCCD 030 090 001 234"}, "reason", "amendment_identity"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_field(
    there: tuple[httpx.AsyncClient, Platform, Clock], changed: dict[str, str], field: str, rule: str
) -> None:
    answer = await api(there[0], "first", **{**OFF, **changed})
    assert answer.status_code == 422
    assert [(fault["field"], fault["rule"]) for fault in answer.json()["errors"]] == [(field, rule)]


async def test_the_page_leads_from_a_proposal_to_its_decision_and_shows_the_history(
    there: tuple[httpx.AsyncClient, Platform, Clock],
) -> None:
    client = there[0]
    head = {"Accept": "text/html", "Accept-Language": "en"}
    # Given what was mistyped: everything typed stays
    wrong = {"kind": "worked", "first": "31/02/2024", "last": "", "reason": "exchanged"}
    answer = await client.post(PAGES, data=wrong, headers=bearer("first", **head))
    assert answer.status_code == 422
    assert 'value="31/02/2024"' in answer.text
    # When it is proposed, and rejected with a reason by another person
    sent = await client.post(PAGES, data={**wrong, "first": "03022024"}, headers=bearer("first", **head))
    address = sent.headers["location"]
    own = (await client.get(address, headers=bearer("first", **head))).text
    assert "Withdraw the proposal" in own
    assert "Confirm: it holds" not in own
    refused = "Ms X, 030 090 001 234, did not announce it."
    for reason, status in (("", 422), (refused, 422), ("It was not announced.", 303)):
        given = {"verdict": "reject", "reason": reason}
        answer = await client.post(address, data=given, headers=bearer("second", **head))
        assert answer.status_code == status, answer.text
        assert status == 303 or f">{reason}</textarea>" in answer.text
    # Then the page of all says who and why, and it holds no longer than before
    page = shown((await client.get(PAGES, headers=bearer("second", **head))).text)
    (row,) = [row for row in page.tables["Changes"] if "03/02/2024" in row[0]]
    assert "Rejected" in row[2]
    assert ("admin-one" in row[3], "admin-two" in row[4]) == (True, True)
    one = (await client.get(address, headers=bearer("official", **head))).status_code
    assert one == 403
    assert "It was not announced." in (await client.get(address, headers=bearer("first", **head))).text
    again = await client.post(address, data={"verdict": "confirm"}, headers=bearer("second", **head))
    assert again.status_code == 409
    # And whoever reads the rules sees what lies over the file, and administrators alone where to change it
    for who, leads in (("district", False), ("first", True)):
        rules = (await client.get("/reporting/rules/days_off", headers=bearer(who, **head))).text
        assert (PAGES in rules) is leads
        assert "Changed while the system runs" in rules


async def test_what_waits_for_another_decision_is_decided_after_it(
    there: tuple[httpx.AsyncClient, Platform, Clock],
) -> None:
    client, platform, clock = there
    made = (await api(client, "first", **{**OFF, "first": "2024-03-06", "last": "2024-03-06"})).json()
    # Given somebody whose transaction decides another one
    async with platform.uow() as session:
        await repository.lock(session)
        confirm = api(client, "second", f"/{made['id']}/decision", verdict="confirm", seen=made["seen"])
        # When a decision waits for it, and time passes
        deciding = asyncio.create_task(confirm)
        await eventually(lambda: _waiting(session), message="the decision waits")
        clock.now += timedelta(minutes=5)
    # Then it is decided at the instant when it is alone
    done = (await deciding).json()
    assert datetime.fromisoformat(done["decided_at"]) == clock.now


async def _waiting(session: AsyncSession) -> bool:
    found = await session.execute(
        text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    )
    return bool(found.scalar())


async def test_one_day_that_is_changed_does_not_hide_that_a_years_days_off_are_missing(
    there: tuple[httpx.AsyncClient, Platform, Clock],
) -> None:
    client, _, clock = there
    year = max(day.year for day in listed_days_off().off)
    clock.now = datetime(year, 11, 15, 2, tzinfo=UTC)
    # Given the first day of the next year, which the file does not have
    day = f"{year + 1}-{'01-01' if date(year + 1, 1, 1).weekday() < 5 else '01-04'}"
    made = (await api(client, "first", **{**OFF, "first": day, "last": day})).json()
    done = await api(client, "second", f"/{made['id']}/decision", verdict="confirm", seen=made["seen"])
    assert done.json()["state"] == "confirmed"
    # Then whoever reads the rules is told
    page = await client.get("/reporting/rules/", headers=bearer("first", **{"Accept-Language": "en"}))
    assert message("page.rules.days_off_missing", year=str(year)).en in unescape(page.text)


async def test_the_database_lets_no_program_confirm_its_own_or_change_what_is_decided(
    there: tuple[httpx.AsyncClient, Platform, Clock],
) -> None:
    client, platform, _ = there
    made = (await api(client, "first", **{**OFF, "first": "2024-03-04", "last": "2024-03-04"})).json()
    for change in (
        "UPDATE amendment SET state = 'confirmed', number = 99, decided_by = proposed_by, decided_from = 'x',"
        f" decided_at = now() WHERE id = '{made['id']}'",
        "UPDATE amendment SET reason = 'another' WHERE state = 'confirmed'",
        "DELETE FROM amendment",
    ):
        with pytest.raises((SQLAlchemyError, psycopg.Error)):
            async with platform.uow() as session:
                await session.execute(text(change))
