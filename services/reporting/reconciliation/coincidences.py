"""Hints for an unexplained difference: other dates at which the figure equals the declared number exactly.

They show where a number was perhaps written under a wrong date, or counted over the period of another calendar. A hint is
no step of the waterfall, because two equal numbers prove nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from reference import PeriodNotThenError, UnknownPeriodError, calendars, resolve
from services.reporting.facts import Connection
from services.reporting.figures import Scope
from services.reporting.figures.exact import compute
from services.reporting.reconciliation.domain.choice import Declared
from services.reporting.reconciliation.scenarios import Scenarios

_DAYS_AROUND = 10
_MOST = 3


@dataclass(frozen=True, slots=True)
class Coincidence:
    """A day (``first`` None) or period [first, day] for which the figure, as known to the reader, is the declared number.

    ``calendars`` are the names of the calendars that have this period.
    """

    day: date
    first: date | None
    calendars: tuple[str, ...] = ()


async def coincidences(
    connection: Connection, code: str, scenarios: Scenarios, declared: Declared
) -> list[Coincidence]:
    """Return the nearest other dates at which the figure is exactly the declared number; at most three."""
    found: list[Coincidence] = []
    scope = scenarios.now
    candidates = _days(scope) if scope.first is None else _windows(scope.first, scope.day)
    for candidate in candidates:
        there = replace(scope, day=candidate.day, first=candidate.first)
        value = (await compute(connection, code, there)).value
        if value is not None and Fraction(value) == Fraction(declared.value):
            found.append(candidate)
            if len(found) == _MOST:
                break
    return found


def _days(scope: Scope) -> Iterator[Coincidence]:
    """Yield the days around the declared one, nearest first; of two equally near ones the earlier first."""
    for distance in range(1, _DAYS_AROUND + 1):
        for sign in (-1, 1):
            yield Coincidence(scope.day + sign * timedelta(days=distance), None)


def _windows(first: date, last: date) -> list[Coincidence]:
    """Return other periods to try, with the calendars that have them.

    These are the years of all calendars near the declared period, and other periods with the same first or last day.
    """
    named: dict[tuple[date, date], list[str]] = {}
    for calendar in calendars().values():
        for rule in calendar.periods:
            for year in range(last.year - 1, last.year + 2):
                try:
                    period = resolve(calendar.code, rule.code.format(y=year))
                except (PeriodNotThenError, UnknownPeriodError):
                    continue
                ends = (period.first, period.last)
                if rule.kind == "year" or first in ends or last in ends:
                    named.setdefault(ends, []).append(f"{calendar.code} {period.code}")
    named.pop((first, last), None)
    near = sorted(named, key=lambda ends: (abs((ends[0] - first).days) + abs((ends[1] - last).days), ends))
    return [Coincidence(to, since, tuple(sorted(named[since, to]))) for since, to in near]
