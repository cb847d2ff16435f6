"""The windows of a query: SDMX's startPeriod, endPeriod and frequency as days and periods of the official calendars."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from reference import resolve

Frequency = Literal["A", "H", "Q", "M", "D"]
CIVIL = "civil"
_PARTS: dict[Frequency, int] = {"A": 1, "H": 2, "Q": 4, "M": 12}
_CODE = re.compile(
    r"(?P<year>[0-9]{4})(-(A1|[HS](?P<half>[12])|Q(?P<quarter>[1-4])|M?(?P<month>0[1-9]|1[0-2])"
    r"|(?P<whole>(0[1-9]|1[0-2])-[0-9][0-9])))?"
)


class NotAPeriodError(ValueError):
    """A text that names no period: not ``2023``, ``2023-H1``, ``2023-Q3``, ``2023-09`` or ``2023-12-19``."""


@dataclass(frozen=True, slots=True)
class Window:
    """One day or period of a calendar; both days inclusive."""

    calendar: str
    code: str
    frequency: Frequency
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Mark:
    """A period as SDMX writes it, taken apart. ``part`` counts from 1 within the year; days have ``day``."""

    year: int
    frequency: Frequency
    part: int
    day: date | None = None

    @classmethod
    def read(cls, text: str) -> "Mark":
        """Return the period that a text names.

        Raises:
            NotAPeriodError: it names none.
        """
        found = _CODE.fullmatch(text)
        if found is None:
            raise NotAPeriodError(text)
        year = int(found["year"])
        if found["whole"]:
            try:
                day = date.fromisoformat(text)
            except ValueError as wrong:
                raise NotAPeriodError(text) from wrong
            return cls(year, "D", day.timetuple().tm_yday, day)
        if found["month"]:
            return cls(year, "M", int(found["month"]))
        if found["quarter"]:
            return cls(year, "Q", int(found["quarter"]))
        return cls(year, "H", int(found["half"])) if found["half"] else cls(year, "A", 1)


def between(start: Mark, end: Mark, frequency: Frequency, calendar: str, limit: int) -> list[Window]:
    """Return every window of the frequency that lies within [start, end], at most ``limit`` + 1 of them.

    Raises:
        UnknownCalendarError, UnknownPeriodError, PeriodNotThenError: the calendar, or one of its periods, is not there.
    """
    if frequency == "D":
        first, last = _window(start, calendar).first, _window(end, calendar).last
        # A single day is the same day in every calendar.
        return [Window(CIVIL, day.isoformat(), "D", day, day) for day in _days(first, last, limit)]
    found: list[Window] = []
    at = _first_part(start, frequency)
    until = _last_part(end, frequency)
    while at <= until and len(found) <= limit:
        found.append(_window(Mark(at[0], frequency, at[1]), calendar))
        at = (at[0], at[1] + 1) if at[1] < _PARTS[frequency] else (at[0] + 1, 1)
    return found


def _days(first: date, last: date, limit: int) -> Iterator[date]:
    for number in range(min((last - first).days + 1, limit + 1)):
        yield first + timedelta(days=number)


def _window(mark: Mark, calendar: str) -> Window:
    if mark.day is not None:
        return Window(CIVIL, mark.day.isoformat(), "D", mark.day, mark.day)
    code = {"A": f"{mark.year}", "M": f"{mark.year}-{mark.part:02d}"}.get(
        mark.frequency, f"{mark.year}-{mark.frequency}{mark.part}"
    )
    period = resolve(calendar, code)
    return Window(calendar, code, mark.frequency, period.first, period.last)


def _first_part(mark: Mark, frequency: Frequency) -> tuple[int, int]:
    """Return year and number of the first period of the frequency that begins within the mark or later.

    A day stands for its month here.
    """
    months, size = _months_before(mark), 12 // _PARTS[frequency]
    # Rounded up: a period that begins before the mark is only partly in it.
    part = -(-months // size) + 1
    return (mark.year, part) if part <= _PARTS[frequency] else (mark.year + 1, 1)


def _last_part(mark: Mark, frequency: Frequency) -> tuple[int, int]:
    """Return year and number of the last period of the frequency that ends within the mark or earlier."""
    size = 12 // _PARTS[frequency]
    months = mark.day.month if mark.day else _months_before(mark) + 12 // _PARTS[mark.frequency]
    # Rounded down: a period that ends after the mark is only partly in it.
    part = months // size
    return (mark.year, part) if part else (mark.year - 1, _PARTS[frequency])


def _months_before(mark: Mark) -> int:
    if mark.day is not None:
        return mark.day.month - 1
    return (mark.part - 1) * (12 // _PARTS[mark.frequency])
