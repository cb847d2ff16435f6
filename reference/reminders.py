"""When units are reminded of registers that are due: days before and after the last day for them, as data."""

from dataclasses import dataclass
from datetime import date, timedelta

from reference.reporting_calendars import (
    Period,
    PeriodNotThenError,
    calendars,
    periods_of,
    resolve,
    with_days_off,
)
from reference.tables import in_force, national_table
from reference.working_days import DaysOff


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """``soon``: so many days before the last day, that day included; ``overdue``: until so many days after it."""

    soon: timedelta
    overdue: timedelta

    def near(self, due: date, today: date) -> bool:
        """Return whether the last day is so near, before or behind, that the unit is reminded."""
        return due - self.soon <= today <= due + self.overdue


def reminder_rule(day: date) -> ReminderRule:
    """Return the rule as it stands on the day (``hand-in-reminders.csv``)."""
    for row in national_table("hand-in-reminders.csv"):
        since, until = (
            date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to")
        )
        if in_force(since, until, day):
            return ReminderRule(
                timedelta(days=int(row["due_soon_days"])), timedelta(days=int(row["overdue_days"]))
            )
    raise LookupError(f"hand-in-reminders.csv has no rule for {day}")


def periods_due(today: date, days_off: DaysOff) -> list[Period]:
    """Return the periods of all calendars that are over and have a last day near today, in a fixed order."""
    rule = reminder_rule(today)
    found = (
        with_days_off(period, days_off)
        for calendar in calendars()
        for year in (today.year - 1, today.year)
        for period in periods_of_year(calendar, year)
        if period.last < today
    )
    return [period for period in found if any(rule.near(due, today) for due in period.due.values())]


@dataclass(frozen=True, slots=True)
class MovedDay:
    """A level's last day for a period that is another one where other days are off."""

    period: Period
    level: str
    before: date
    after: date


def moved_days(before: DaysOff, after: DaysOff, first: date, last: date) -> list[MovedDay]:
    """Return every last day that is another one after days from ``first`` to ``last`` have changed, the earliest first.

    A period's code has the year in which it ends, or the one before; its last day is within two years of that.
    """
    years = range(first.year - 2, last.year + 2)
    periods = [
        period for calendar in calendars() for year in years for period in periods_of_year(calendar, year)
    ]
    found = [
        MovedDay(period, level, day, moved)
        for period in periods
        for level, day in with_days_off(period, before).due.items()
        if (moved := with_days_off(period, after).due[level]) != day
    ]
    return sorted(
        found, key=lambda one: (one.before, one.period.calendar, one.period.last, one.period.code, one.level)
    )


def periods_of_year(calendar: str, year: int) -> list[Period]:
    """Return the periods of the calendar whose codes have the year, as far as it had such periods then."""
    found = []
    for rule in periods_of(calendar):
        try:
            found.append(resolve(calendar, rule.code.format(y=f"{year:04}")))
        except PeriodNotThenError:
            continue
    return found
