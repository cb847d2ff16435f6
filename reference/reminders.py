"""When units are reminded of registers that are due: days before and after the last day for them, as data."""

from dataclasses import dataclass
from datetime import date, timedelta

from reference.reporting_calendars import Period, PeriodNotThenError, calendars, periods_of, resolve
from reference.tables import in_force, national_table


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


def periods_due(today: date) -> list[Period]:
    """Return the periods of all calendars that are over and have a last day near today, in a fixed order."""
    rule = reminder_rule(today)
    return [
        period
        for calendar in calendars()
        for year in (today.year - 1, today.year)
        for period in periods_of_year(calendar, year)
        if period.last < today and any(rule.near(due, today) for due in period.due.values())
    ]


def periods_of_year(calendar: str, year: int) -> list[Period]:
    """Return the periods of the calendar whose codes have the year, as far as it had such periods then."""
    found = []
    for rule in periods_of(calendar):
        try:
            found.append(resolve(calendar, rule.code.format(y=f"{year:04}")))
        except PeriodNotThenError:
            continue
    return found
