"""Leads for what is left unexplained: other dates at which the figure is exactly the declared number.

A number written under the wrong date, or counted over another calendar's window, shows here. It is a lead and not a
step: that two numbers are equal proves nothing.
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
    """A day (``first`` None) or window at which the figure, as known to the asker, is the declared number.

    ``calendars`` name the calendars whose period the window is.
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
    """The days around, nearest first, the earlier of two equally near ones before the later."""
    for distance in range(1, _DAYS_AROUND + 1):
        for sign in (-1, 1):
            yield Coincidence(scope.day + sign * timedelta(days=distance), None)


def _windows(first: date, last: date) -> list[Coincidence]:
    """The years of all calendars around the declared window, and their other periods that share an end with it."""
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
