"""Slots: days, months and years as numbers of one scale, so that a period is a few ranges of it.

Cells hold each addition three times: in its day, its month and its year. A period of any length then is some days, some
months and some years; a fact that comes late changes three cells of each node, however long ago it was.
"""

from datetime import date, timedelta

_DAYS, _MONTHS = 5_000_000, 1_000_000
_ZERO = date(2000, 1, 1)
Range = tuple[int, int]
Block = tuple[int, int, int, int]

# The same in SQL, of an expression that is a date.
DAY = f"{_DAYS} + ({{0}} - date '{_ZERO.isoformat()}')"
MONTH = f"{_MONTHS} + extract(year FROM {{0}})::int * 12 + extract(month FROM {{0}})::int - 1"
YEAR = "extract(year FROM {0})::int"


def day_slot(day: date) -> int:
    """The slot of a day."""
    return _DAYS + (day - _ZERO).days


def month_slot(day: date) -> int:
    """The slot of the day's month."""
    return _MONTHS + day.year * 12 + day.month - 1


def ranges(first: date | None, last: date) -> list[Range]:
    """The ranges of slots that make up [first, last]; ``first`` None = from the beginning of time."""
    if first is None:
        found = [(0, last.year - 1), (month_slot(date(last.year, 1, 1)), month_slot(last) - 1)]
        return [*_real(found), (day_slot(last.replace(day=1)), day_slot(last))]
    whole = _whole_months(first, last)
    if whole is None:
        return [(day_slot(first), day_slot(last))]
    start, end = whole
    found = [(day_slot(first), day_slot(start) - 1), (day_slot(end), day_slot(last))]
    first_year = start.year if start.month == 1 else start.year + 1
    if first_year < end.year:
        found += [
            (month_slot(start), month_slot(date(first_year, 1, 1)) - 1),
            (first_year, end.year - 1),
            (month_slot(date(end.year, 1, 1)), month_slot(end) - 1),
        ]
    else:
        found.append((month_slot(start), month_slot(end) - 1))
    return _real(found)


def blocks(first: date, last: date) -> list[Block]:
    """The pairs (earlier, later) of days with both in [first, last]: (from, to of later, from, to of earlier)."""
    whole = _whole_months(first, last)
    if whole is None:
        return [(day_slot(first), day_slot(last), day_slot(first), day_slot(last))]
    start, end = whole
    months = (month_slot(start), month_slot(end) - 1)
    found = [(*months, *months)]
    if first < start:
        found.append((day_slot(first), day_slot(last), day_slot(first), day_slot(start) - 1))
    if end <= last:
        found.append((day_slot(end), day_slot(last), day_slot(start), day_slot(last)))
    return found


def _whole_months(first: date, last: date) -> tuple[date, date] | None:
    """The first day of the first whole month, and the day after the last one."""
    start = first if first.day == 1 else _next_month(first)
    after = last + timedelta(days=1)
    end = after.replace(day=1)
    return (start, end) if start < end else None


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _real(found: list[Range]) -> list[Range]:
    return [(low, high) for low, high in found if low <= high]
