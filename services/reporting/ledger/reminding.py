"""The background loop that reminds units of registers: each reminder is an event, and is told once."""

import asyncio
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlmodel import col, select

from contracts.envelope import VIETNAM
from contracts.events.reminding import HandInReminder
from reference import DaysOff, Period, periods_due, reminder_rule, resolve
from services.chassis.persistence import (
    About,
    AsyncSession,
    Origin,
    OutboxEvent,
    append,
    look_until,
    outbox_event,
    raw,
)
from services.chassis.platform import Platform
from services.chassis.runtime import NewId, get_logger
from services.reporting.amendments import days_off_at
from services.reporting.facts import generations, use_generation
from services.reporting.figures import read_watermark
from services.reporting.figures.exact import snapshot
from services.reporting.ledger.domain import Kind, Place, Reminder, reminders
from services.reporting.ledger.tables import ReminderTable
from services.reporting.ledger.usecases import entries_of, whole

_log = get_logger(__name__)
_LOOK_SECONDS = 60.0
_LATELY = timedelta(days=400)
_ONE_AT_A_TIME = 7_301_138
"""Advisory lock: of several processes one looks, so that the numbers of a place's events follow on each other."""
_Told = set[tuple[Place, Kind]]
_KIND: TypeAdapter[Kind] = TypeAdapter(Kind)


class Reminders:
    """Runs in the role ``consume``. Several processes may look; what one has told no other tells, nor after a restart."""

    def __init__(self, platform: Platform, look_seconds: float = _LOOK_SECONDS) -> None:
        self._platform = platform
        self._seconds = look_seconds
        self._seen: tuple[date, str, DaysOff] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set. Outages are waited out; only faults of this program are raised."""
        await look_until(stop, self.look, self._seconds, _log, "reminding")

    async def look(self) -> int:
        """Tell every reminder of today that was not told yet; return their number."""
        return await snapshot.again(self._look)

    async def _look(self) -> int:
        now = self._platform.clock()
        async with self._platform.uow() as session:
            connection = await raw(session)
            taken = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
            row = await taken.fetchone()
            if row is None or not row[0]:
                return 0
            number = await generations.live(connection)
            await use_generation(connection, number)
            # Nothing new is known and it is the same day: what is to be told has been told.
            days_off = await days_off_at(connection, now)
            seen = (now.astimezone(VIETNAM).date(), str(await read_watermark(connection, number)), days_off)
            if seen == self._seen:
                return 0
            told, sent = await _told(session, now), 0
            for period in _watched(told, now, days_off):
                sent += await self._remind(session, period, told, now)
        self._seen = seen
        return sent

    async def _remind(self, session: AsyncSession, period: Period, told: _Told, now: datetime) -> int:
        today = now.astimezone(VIETNAM).date()
        entries = await entries_of(await raw(session), whole(period, now))
        found = reminders(entries, period, today, reminder_rule(today), told)
        rows = [_row(one, told, now, self._platform.new_id) for one in found]
        session.add_all(rows)
        await session.flush()
        await append(session, [_event(one, row) for one, row in zip(found, rows, strict=True)])
        if found:
            _log.info("units reminded", calendar=period.calendar, period=period.code, reminders=len(found))
        return len(found)


def _watched(told: _Told, now: datetime, days_off: DaysOff) -> list[Period]:
    """Return the periods whose last day is near, and those of which something was told and not yet that it is complete."""
    today = now.astimezone(VIETNAM).date()
    found = {(period.calendar, period.code): period for period in periods_due(today, days_off)}
    for place, _ in told:
        if place[2:] not in found and (place, "completed") not in told:
            found[place[2], place[3]] = resolve(place[2], place[3])
    return list(found.values())


async def _told(session: AsyncSession, now: datetime) -> _Told:
    """Return what was told lately: of what is older nothing more is told."""
    lately = select(ReminderTable).where(col(ReminderTable.told_at) > now - _LATELY)
    found = (await session.exec(lately)).all()
    return {
        ((row.unit, row.form, row.calendar, row.period), _KIND.validate_python(row.kind)) for row in found
    }


def _row(one: Reminder, told: _Told, now: datetime, new_id: NewId) -> ReminderTable:
    unit, form, calendar, period = one.place
    return ReminderTable(
        unit=unit,
        form=form,
        calendar=calendar,
        period=period,
        kind=one.kind,
        due=one.due,
        days=one.days,
        state=one.state,
        sequence=1 + sum(place == one.place for place, _ in told),
        event_id=new_id(),
        told_at=now,
    )


def _event(one: Reminder, row: ReminderTable) -> OutboxEvent:
    data = HandInReminder(
        form=one.form,
        calendar=one.period.calendar,
        period=one.period.code,
        first=one.period.first,
        last=one.period.last,
        due=one.due,
        days=one.days,
        state=one.state,
    )
    return outbox_event(
        f"reporting.hand_in.{one.kind}.v1",
        data,
        About(" ".join(one.place), one.unit, one.unit),
        Origin("reporting", f"reminder-{row.event_id}"),
        event_id=row.event_id,
        sequence=row.sequence,
        at=row.told_at,
        on=one.period.last,
        recorded_at=row.told_at,
    )
