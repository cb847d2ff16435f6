"""Which periods of a calendar a page offers, which one comes before another, and which one it begins with. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from reference import Period, PeriodNotThenError, calendars, periods_of, resolve

FIRST_CALENDAR = "civil"
_FIRST_KIND = "quarter"
_YEARS_SHOWN = 2
_ORDER = ("year", "half", "nine_months", "quarter", "month")


def periods_in(calendar: str, year: int) -> Iterator[Period]:
    """Yield every period that the calendar had in the year, the longest first."""
    rules = sorted(periods_of(calendar), key=lambda rule: (_rank(rule.kind), rule.code))
    for code in dict.fromkeys(rule.code for rule in rules):
        try:
            yield resolve(calendar, code.format(y=f"{year:04}"))
        except PeriodNotThenError:
            continue


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def offered(chosen: Period, today: date) -> list[Period]:
    """Return the periods that a page offers beside the chosen one: of its year and those around it, as far as begun."""
    year = int(chosen.code[:4])
    around = range(year + 1, year - _YEARS_SHOWN, -1)
    return [
        period
        for near in around
        for period in periods_in(chosen.calendar, near)
        if period.first <= today or period.code == chosen.code
    ]


def before(period: Period) -> Period | None:
    """Return the period of the same kind that ends on the day before; of nine months, which follow none, that of a year ago.

    Example: before the first quarter of 2024 comes the fourth of 2023.
    """
    if period.kind == "nine_months":
        return year_before(period)
    eve, year = period.first - timedelta(days=1), int(period.code[:4])
    found = (one for near in (year, year - 1) for one in periods_in(period.calendar, near))
    return next((one for one in found if one.kind == period.kind and one.last == eve), None)


def year_before(period: Period) -> Period | None:
    """Return the period of the same code a year before; None where the calendar had none then."""
    try:
        return resolve(period.calendar, f"{int(period.code[:4]) - 1:04}{period.code[4:]}")
    except PeriodNotThenError:
        return None


def latest_ended(today: date) -> Period:
    """Return the last quarter of the civil calendar that has ended."""
    ended = (
        period
        for year in (today.year, today.year - 1)
        for period in periods_in(FIRST_CALENDAR, year)
        if period.kind == _FIRST_KIND and period.last < today
    )
    return max(ended, key=lambda period: period.last)


def calendar_codes(day: date) -> list[str]:
    """Return the calendars that had a year which holds the day, in the order of the data."""
    return [
        code
        for code in calendars()
        if any(
            one.first <= day <= one.last
            for year in (day.year, day.year + 1)
            for one in periods_in(code, year)
            if one.kind == "year"
        )
    ]
