"""The grid of dates and periods that are released: whole months, quarters, half-years and years of one calendar.
Each figure has one calendar only. Two calendars would give periods that differ by a few days, and a reader could subtract
one from the other and get the small count of those days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from reference import Level, periods_of, resolve
from services.reporting.disclosure.policy import Rule, WindowKind

_NEAR_DAYS = 400


@dataclass(frozen=True, slots=True)
class Window:
    """The period [first, last] of a flow, both days included; where ``first`` is None, the day ``last`` of a stock."""

    last: date
    first: date | None

    @property
    def name(self) -> str:
        """Return the window as messages write it: ``2024-12-14``, or ``2023-12-15..2024-12-14`` for a period."""
        return self.last.isoformat() if self.first is None else f"{self.first}..{self.last}"


def windows_near(rule: Rule, *, flow: bool, day: date) -> tuple[Window, ...]:
    """Return the windows of the grid that end within about a year before or after the day, in the order of their ends."""
    return tuple(_levels(rule.calendar, tuple(rule.windows.items()), flow, day))


def level_of(rule: Rule, window: Window) -> Level | None:
    """Return the finest level of areas (province, district, commune) for which the window is released.

    None where the window is not on the grid.
    """
    flow = window.first is not None
    return _levels(rule.calendar, tuple(rule.windows.items()), flow, window.last).get(window)


def find(rule: Rule, first: date | None, last: date) -> Window | None:
    """Return the window with exactly these days; None where the grid has no such window."""
    asked = Window(last, first)
    return asked if level_of(rule, asked) is not None else None


def latest_released(rule: Rule, today: date) -> Window | None:
    """Return the latest day of a stock that may be released today; None where there is none."""
    due = [window for window in windows_near(rule, flow=False, day=today) if is_due(rule, window, today)]
    return due[-1] if due else None


def is_due(rule: Rule, window: Window, today: date) -> bool:
    """Return whether the window may be released today: its ``lag_days`` after the last day have passed."""
    return window.last + timedelta(days=rule.lag_days) <= today


@lru_cache(maxsize=1024)
def _levels(
    calendar: str, windows: tuple[tuple[WindowKind, Level], ...], flow: bool, day: date
) -> dict[Window, Level]:
    found = {
        window: level
        for year in range(day.year - 1, day.year + 3)
        for kind, level in windows
        for window in _of_year(calendar, kind, year, flow=flow)
        if abs((window.last - day).days) <= _NEAR_DAYS
    }
    return dict(sorted(found.items(), key=lambda item: (item[0].last, item[0].first or item[0].last)))


def _of_year(calendar: str, kind: str, year: int, *, flow: bool) -> list[Window]:
    found = [
        resolve(calendar, rule.code.format(y=year)) for rule in periods_of(calendar) if rule.kind == kind
    ]
    return [Window(period.last, period.first if flow else None) for period in found]
