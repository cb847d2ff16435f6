"""The dates and periods that are released: whole months, quarters, halves and years of one calendar per figure.

Windows of two calendars differ by days, and their difference is the count of those days: therefore one calendar.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from reference import Level, periods_of, resolve
from services.reporting.disclosure.policy import Rule, WindowKind

_NEAR_DAYS = 400


@dataclass(frozen=True, slots=True)
class Window:
    """A period of a flow, or with ``first`` None the day of a stock."""

    last: date
    first: date | None

    @property
    def name(self) -> str:
        """Return the window as messages write it."""
        return self.last.isoformat() if self.first is None else f"{self.first}..{self.last}"


def windows_near(rule: Rule, *, flow: bool, day: date) -> tuple[Window, ...]:
    """Return what is released from about a year before the day to about a year after it, by its end."""
    return tuple(_levels(rule.calendar, tuple(rule.windows.items()), flow, day))


def level_of(rule: Rule, window: Window) -> Level | None:
    """Return the finest level of areas for which a window is released, None where it is not on the grid."""
    flow = window.first is not None
    return _levels(rule.calendar, tuple(rule.windows.items()), flow, window.last).get(window)


def find(rule: Rule, first: date | None, last: date) -> Window | None:
    """Return the window of exactly these days, None where they are not on the grid."""
    asked = Window(last, first)
    return asked if level_of(rule, asked) is not None else None


def latest_released(rule: Rule, today: date) -> Window | None:
    """Return the last day of a stock that may be released today."""
    due = [window for window in windows_near(rule, flow=False, day=today) if is_due(rule, window, today)]
    return due[-1] if due else None


def is_due(rule: Rule, window: Window, today: date) -> bool:
    """Return whether the window may be released today."""
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
