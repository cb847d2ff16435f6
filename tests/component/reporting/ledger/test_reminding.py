"""Units are reminded by events: once each, also by several processes and after a restart, and each reads its own."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.ledger.reminding import Reminders
from tests.component.reporting.ledger.test_ledger_over_http import CALLERS, fire
from tests.support.callers import bearer, client_of, known_to
from tests.support.clock import FixedClock
from tests.support.reporting import Log, fold

FIRST, LAST = (
    date(2023, 10, 15),
    date(2023, 11, 14),
)  # the police's November: districts by the 16th, province by the 18th
UNIT = "police:288"


def on(platform: Platform, day: int, month: int = 11) -> Platform:
    """The platform on a morning of 2023."""
    return known_to(platform, CALLERS, datetime(2023, month, day, 2, tzinfo=UTC))


async def events(platform: Platform) -> list[Any]:
    """The reminders in the outbox, oldest first, each read as its topic's consumers read it."""
    async with platform.uow() as session:
        connection = await raw(session)
        found = await connection.execute(
            "SELECT payload FROM outbox WHERE topic = 'reporting.reminders' ORDER BY id"
        )
        return [parse_event("reporting.reminders", bytes(payload)) for (payload,) in await found.fetchall()]


async def told(platform: Platform, unit: str = UNIT, form: str = "fires") -> list[tuple[str, int, int]]:
    """Kind, days and sequence of what a unit was told of its register for November."""
    return [
        (event.type.split(".")[2], event.data.days, event.sequence)
        for event in await events(platform)
        if (event.unit, event.data.form, event.data.period) == (unit, form, "2023-11")
    ]


async def test_a_register_is_due_soon_overdue_and_complete_once_each(platform: Platform) -> None:
    for day in (10, 14, 15, 17, 18):
        await Reminders(on(platform, day)).look()
    assert await told(platform) == [("due_soon", 1, 1), ("overdue", 1, 2)]
    log = Log()
    log.state("fires", UNIT, FIRST, LAST, "nil", recorded=date(2023, 11, 20))
    await fold(platform, log.messages)
    for day in (20, 21):
        await Reminders(on(platform, day)).look()
    assert await told(platform) == [("due_soon", 1, 1), ("overdue", 1, 2), ("completed", 4, 3)]
    # The district's other registers are not done; the province's are due on the 18th, a Saturday: on Monday, the 20th.
    assert await told(platform, form="arrests") == [("due_soon", 1, 1), ("overdue", 1, 2)]
    assert await told(platform, "police:30") == [("due_soon", 3, 1), ("overdue", 1, 2)]


async def test_rows_alone_are_no_end_of_it_and_their_state_is_told(platform: Platform) -> None:
    log = Log()
    fire(log, "1", date(2023, 11, 2), date(2023, 11, 10))
    await fold(platform, log.messages)
    await Reminders(on(platform, 17)).look()
    (event,) = [one for one in await events(platform) if (one.unit, one.data.form) == (UNIT, "fires")]
    assert (event.type, event.data.state) == ("reporting.hand_in.overdue.v1", "received")


async def test_processes_that_look_at_once_and_after_a_restart_tell_each_reminder_once(
    platform: Platform,
) -> None:
    there = on(platform, 17)
    sent = await asyncio.gather(*(Reminders(there).look() for _ in range(4)))
    sent += [await Reminders(there).look() for _ in range(2)]
    found = await events(platform)
    assert sum(sent) == len(found) > 0
    places = [
        (event.unit, event.data.form, event.data.calendar, event.data.period, event.type) for event in found
    ]
    assert len(set(places)) == len(places)


async def test_a_look_that_fails_tells_nothing_and_is_made_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders = Reminders(on(platform, 17))
    with monkeypatch.context() as broken:
        broken.setattr("services.reporting.ledger.reminding.append", _fails)
        with pytest.raises(RuntimeError):
            await reminders.look()
    async with platform.uow() as session:
        assert (await session.execute(text("SELECT count(*) FROM reminder"))).scalar() == 0
    assert await reminders.look() > 0


async def _fails(*_: Any) -> None:
    raise RuntimeError("the database went away")


async def test_each_unit_reads_its_own_reminders_and_nobody_else(platform: Platform) -> None:
    there = on(platform, 17)
    await Reminders(there).look()
    async with client_of(there, compose) as client:
        own = (await client.get("/v1/reminders", headers=bearer("district"))).json()["reminders"]
        assert {one["unit"] for one in own} == {UNIT}
        (mine,) = [one for one in own if (one["form"], one["period"]) == ("fires", "2023-11")]
        assert (mine["kind"], mine["due"], mine["days"]) == ("overdue", "2023-11-16", 1)
        other = (await client.get("/v1/reminders", headers=bearer("other district"))).json()["reminders"]
        assert {one["unit"] for one in other} == {"police:290"}
        for who in ("analyst", "operator", "committee admin"):
            assert (await client.get("/v1/reminders", headers=bearer(who))).status_code == 403, who
        few = (await client.get("/v1/reminders", params={"limit": 1}, headers=bearer("district"))).json()
        assert len(few["reminders"]) == 1


async def test_nothing_is_looked_up_again_while_nothing_changed(platform: Platform) -> None:
    there = on(platform, 17)
    reminders = Reminders(there)
    assert await reminders.look() > 0
    async with platform.uow() as session:
        await session.execute(text("TRUNCATE reminder"))
    # The same day and the same facts: it does not even look; the next day it does.
    assert await reminders.look() == 0
    tomorrow = replace(there, clock=FixedClock(datetime(2023, 11, 18, 2, tzinfo=UTC)))
    assert await Reminders(tomorrow).look() > 0
