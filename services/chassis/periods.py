"""Periods of calendars: as a request names them, and their last days for a unit."""

from datetime import date

from reference import Period, PeriodNotThenError, UnknownCalendarError, UnknownPeriodError, resolve
from services.chassis.problems import Fault
from services.chassis.security import Unit


def named_period(calendar: str, code: str) -> Period | Fault:
    """Return the period of that code in the calendar, or what is wrong with the name."""
    try:
        return resolve(calendar, code)
    except UnknownCalendarError as unknown:
        return Fault.of("calendar", calendar, "calendar_unknown", calendars=", ".join(unknown.calendars))
    except UnknownPeriodError as unknown:
        periods = ", ".join(unknown.codes)
        return Fault.of("period", code, "period_unknown", calendar=calendar, periods=periods)
    except PeriodNotThenError as then:
        since, until = (_shown(day) for day in (then.since, then.until))
        return Fault.of("period", code, "period_not_then", calendar=calendar, since=since, until=until)


def due_of(period: Period, unit: Unit) -> date | None:
    """Return the last day for the unit: by its level; for a facility the calendar's own day for facilities, if any."""
    by_level = period.due.get(unit.level or "")
    return by_level if unit.office else period.due.get("facility") or by_level


def _shown(day: date | None) -> str:
    return "…" if day is None else day.isoformat()
