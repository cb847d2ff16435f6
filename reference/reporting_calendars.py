"""Reporting calendars: which days a period is, and by when it is sent. The rules are data.

A period belongs to a calendar: "2023" is 1 January to 31 December in the civil calendar and 15 December 2022 to
14 December 2023 in health's. `periods.csv` holds every kind of period of every calendar with the days between which
such periods were in use, `deadlines.csv` the send-by dates of each level, `calendars.csv` the names and who reports by
them. Those of the nation are in ``reference/data``, the province's own in its pack. Closing a period in one calendar says
nothing about another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from reference.pack.calendars import calendar_rows
from reference.tables import in_force
from reference.working_days import DaysOff, listed_days_off

_CODE = re.compile(r"(?P<year>[0-9]{4})(?P<rest>(-[A-Za-z0-9]{1,4})?)")
_FIRST_YEAR, _LAST_YEAR = 1901, 9000


class UnknownCalendarError(ValueError):
    """No calendar has this name. ``calendars`` names those that there are."""

    def __init__(self, calendar: str) -> None:
        self.calendar = calendar
        self.calendars = tuple(sorted(calendars()))
        super().__init__(f"no calendar {calendar}; there are {', '.join(self.calendars)}")


class UnknownPeriodError(ValueError):
    """The calendar has no such period. ``codes`` are what its periods look like, for the year asked or any."""

    def __init__(self, calendar: str, period: str) -> None:
        self.calendar, self.period = calendar, period
        found = _CODE.fullmatch(period)
        year = found["year"] if found and _FIRST_YEAR <= int(found["year"]) <= _LAST_YEAR else "2023"
        self.codes = tuple(rule.code.format(y=year) for rule in calendars()[calendar].periods)
        super().__init__(f"the calendar {calendar} has no period {period}")


class PeriodNotThenError(ValueError):
    """The calendar had such periods, but not in that year. ``since``/``until``: when it had (half-open, None = open)."""

    def __init__(self, calendar: str, period: str, since: date | None, until: date | None) -> None:
        self.calendar, self.period, self.since, self.until = calendar, period, since, until
        super().__init__(f"the calendar {calendar} had no period {period} then")


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a calendar; ``first`` and ``last`` are both in it.

    ``due`` names, for each level that reports, the last day on which the report is in time (empty where the rules set
    none). For a stock the period means its last day.
    """

    calendar: str
    code: str
    first: date
    last: date
    due: Mapping[str, date] = field(default_factory=dict)
    kind: str = "year"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """One kind of period: the code's pattern and its days relative to the year in the code (``after``: the next day)."""

    kind: str
    code: str
    first_year: int
    first: str
    after_year: int
    after: str
    valid_from: date | None
    valid_to: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A level's send-by date: ``day`` of the month so many months after the month in which the period ends.

    On a day off the last day is the next working day (`reference.working_days`).
    """

    kind: str
    level: str
    months_after: int
    day: int
    valid_from: date | None
    valid_to: date | None
    wording: str
    basis: str

    def on(self, last: date, days_off: DaysOff) -> date | None:
        """Return the date for a period that ends with ``last``; None where the level did not report then."""
        month = last.month - 1 + self.months_after
        found = date(last.year + month // 12, month % 12 + 1, self.day)
        return days_off.on_working_day(found) if in_force(self.valid_from, self.valid_to, found) else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar: names, the agencies that report by it ("*" = all), the legal basis and its rules.

    ``figures`` are patterns of figures that are reported by it whoever owns them.
    """

    code: str
    vi: str
    en: str
    owners: tuple[str, ...]
    figures: tuple[str, ...]
    basis: str
    periods: tuple[PeriodRule, ...]
    deadlines: tuple[Deadline, ...]


def resolve(calendar: str, period: str) -> Period:
    """Return the period of that code (``2023``, ``2023-H1``, ``2023-Q3``, ``2023-09``, ``2023-M9C``) in the calendar.

    Raises:
        UnknownCalendarError, UnknownPeriodError, PeriodNotThenError: see there.
    """
    known = calendars().get(calendar)
    if known is None:
        raise UnknownCalendarError(calendar)
    found = _CODE.fullmatch(period.strip().upper())
    rules = (
        [rule for rule in known.periods if found and rule.code == "{y}" + found["rest"]]
        if found and _FIRST_YEAR <= int(found["year"]) <= _LAST_YEAR
        else []
    )
    if found is None or not rules:
        raise UnknownPeriodError(calendar, period)
    # A kind of period may have had other days in earlier years: the rule in force at its end is the one.
    for rule in rules:
        made = _made(known, rule, int(found["year"]))
        if in_force(rule.valid_from, rule.valid_to, made.last):
            return made
    raise PeriodNotThenError(calendar, period, rules[0].valid_from, rules[-1].valid_to)


def periods_of(calendar: str) -> list[PeriodRule]:
    """Return what kinds of period the calendar has.

    Raises:
        UnknownCalendarError: there is no such calendar.
    """
    known = calendars().get(calendar)
    if known is None:
        raise UnknownCalendarError(calendar)
    return list(known.periods)


def calendars_of(owner: str) -> list[str]:
    """Return the calendars that an agency reports by, its own first."""
    own = [found.code for found in calendars().values() if owner in found.owners]
    return own + [found.code for found in calendars().values() if "*" in found.owners]


def calendars_for(figure: str, owner: str) -> list[str]:
    """Return the calendars of a figure that the agency owns: those made for the figure, the agency's own, everybody's."""
    own = [
        found.code
        for found in calendars().values()
        if any(fnmatchcase(figure, pattern) for pattern in found.figures)
    ]
    return [*own, *(code for code in calendars_of(owner) if code not in own)]


def _made(calendar: Calendar, rule: PeriodRule, year: int) -> Period:
    first = date.fromisoformat(f"{year + rule.first_year:04}-{rule.first}")
    after = date.fromisoformat(f"{year + rule.after_year:04}-{rule.after}")
    # The day before, by number: the last day of February needs no rule of its own.
    last = date.fromordinal(after.toordinal() - 1)
    due = _due(calendar, rule.kind, last, listed_days_off())
    return Period(calendar.code, rule.code.format(y=f"{year:04}"), first, last, due, rule.kind)


def with_days_off(period: Period, days_off: DaysOff) -> Period:
    """Return the period with the last days that it has where these days are off; a resolved one has those of the file."""
    if days_off == listed_days_off():
        return period
    return replace(period, due=_due(calendars()[period.calendar], period.kind, period.last, days_off))


def _due(calendar: Calendar, kind: str, last: date, days_off: DaysOff) -> dict[str, date]:
    return {
        limit.level: day
        for limit in calendar.deadlines
        if limit.kind in ("*", kind) and (day := limit.on(last, days_off)) is not None
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def calendars() -> Mapping[str, Calendar]:
    """Return all calendars by name: the nation's, the civil one first, then the province's own."""
    periods, deadlines = calendar_rows("periods.csv"), calendar_rows("deadlines.csv")
    return {
        row["calendar"]: Calendar(
            code=row["calendar"],
            vi=row["vi"],
            en=row["en"],
            owners=tuple(row["owners"].split()),
            figures=tuple(row["figures"].split()),
            basis=row["basis"],
            periods=tuple(_rule(one) for one in periods if one["calendar"] == row["calendar"]),
            deadlines=tuple(_deadline(one) for one in deadlines if one["calendar"] == row["calendar"]),
        )
        for row in calendar_rows("calendars.csv")
    }


def _rule(row: Mapping[str, str]) -> PeriodRule:
    return PeriodRule(
        row["kind"],
        row["code"],
        int(row["first_year"]),
        row["first"],
        int(row["after_year"]),
        row["after"],
        _day(row["valid_from"]),
        _day(row["valid_to"]),
        row["basis"],
    )


def _deadline(row: Mapping[str, str]) -> Deadline:
    return Deadline(
        row["kind"],
        row["level"],
        int(row["months_after"]),
        int(row["day"]),
        _day(row["valid_from"]),
        _day(row["valid_to"]),
        row["wording"],
        row["basis"],
    )
