"""Slots: days, months and years as numbers of one scale, so that a period is a few ranges of it.

Cells hold each addition three times: in its day, its month and its year. A period of any length then is some days, some
months and some years; a fact that comes late changes three cells of each node, however long ago it was.

The days of a month make a *block*, the months of a year make one, and so do all years. Cells of one series lie block by
block, so that a question about many nodes reads neighbouring pages. No range reaches over the border of a block.
"""

from datetime import date, timedelta

# Slots of a block: as many as a month has days, and one that is none.
_BLOCK = 32
_DAYS, _MONTHS = 160_000 * _BLOCK, 30_000 * _BLOCK
Range = tuple[int, int]
Square = tuple[int, int, int, int]


def _months_sql(day: str) -> str:
    return f"(extract(year FROM {day})::int * 12 + extract(month FROM {day})::int - 1)"


def day_slot_sql(day: str) -> str:
    """Return `day_slot` of an expression, in SQL."""
    return f"{_DAYS} + {_months_sql(day)} * {_BLOCK} + extract(day FROM {day})::int"


def month_slot_sql(day: str) -> str:
    """Return `month_slot` of an expression, in SQL."""
    return f"{_MONTHS} + extract(year FROM {day})::int * {_BLOCK} + extract(month FROM {day})::int"


def year_slot_sql(day: str) -> str:
    """Return the slot of the year of an expression, in SQL: the year itself."""
    return f"extract(year FROM {day})::int"


def block_sql(slot: str) -> str:
    """Return `block_of` of an expression, in SQL."""
    return f"CASE WHEN {slot} < {_MONTHS} THEN 0 ELSE {slot} / {_BLOCK} END"


def day_slot(day: date) -> int:
    """Return the slot of a day."""
    return _DAYS + (day.year * 12 + day.month - 1) * _BLOCK + day.day


def month_slot(day: date) -> int:
    """Return the slot of the day's month."""
    return _MONTHS + day.year * _BLOCK + day.month


def block_of(slot: int) -> int:
    """Return the block of a slot."""
    return 0 if slot < _MONTHS else slot // _BLOCK


def ranges(first: date | None, last: date) -> list[Range]:
    """Return the ranges of slots that make up [first, last]; ``first`` None = from the beginning of time. None leaves its block."""
    if first is None:
        months = _cut(month_slot(date(last.year, 1, 1)), month_slot(last) - 1)
        return [(0, last.year - 1), *months, (day_slot(last.replace(day=1)), day_slot(last))]
    whole = _whole_months(first, last)
    if whole is None:
        return _cut(day_slot(first), day_slot(last))
    start, end = whole
    found = [*_cut(day_slot(first), day_slot(start) - 1), *_cut(day_slot(end), day_slot(last))]
    first_year = start.year if start.month == 1 else start.year + 1
    if first_year < end.year:
        found += _cut(month_slot(start), month_slot(date(first_year, 1, 1)) - 1)
        found.append((first_year, end.year - 1))
        found += _cut(month_slot(date(end.year, 1, 1)), month_slot(end) - 1)
    else:
        found += _cut(month_slot(start), month_slot(end) - 1)
    return found


def squares(first: date, last: date) -> tuple[list[Square], list[Square]]:
    """Return the pairs (earlier, later) of days with both in [first, last], as (from, to of earlier, from, to of later).

    The earlier ones of a square of the first list lie in one block, the later ones of a square of the second.
    """
    whole = _whole_months(first, last)
    if whole is None:
        days = (day_slot(first), day_slot(last))
        return [(*one, *days) for one in _cut(*days)], []
    start, end = whole
    months = (month_slot(start), month_slot(end - timedelta(days=1)))
    by_earlier = [(*one, *months) for one in _cut(*months)]
    by_earlier += [
        (*one, day_slot(first), day_slot(last)) for one in _cut(day_slot(first), day_slot(start) - 1)
    ]
    by_later = [(day_slot(start), day_slot(last), *one) for one in _cut(day_slot(end), day_slot(last))]
    return by_earlier, by_later


def _whole_months(first: date, last: date) -> tuple[date, date] | None:
    """The first day of the first whole month, and the day after the last one."""
    start = first if first.day == 1 else _next_month(first)
    after = last + timedelta(days=1)
    end = after.replace(day=1)
    return (start, end) if start < end else None


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _cut(low: int, high: int) -> list[Range]:
    """The range, cut at the borders of blocks; blocks have nothing at their slot 0."""
    starts = range(low - low % _BLOCK, high + 1, _BLOCK)
    cut = [(max(low, start + 1), min(high, start + _BLOCK - 1)) for start in starts]
    return [(first, last) for first, last in cut if first <= last]
