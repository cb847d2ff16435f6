"""Time buckets: days, months and years as numbers on one scale, so that any period is a few ranges of buckets.

Cells hold each addition three times: in the bucket of its day, of its month and of its year. So a period of any length
is read as some days, some months and some years, and a late fact changes three cells of each area set, however old it
is. Example: 30 January 2022 to 2 March 2024 is the days 30 and 31 January, the months February to December 2022, the
year 2023, the months January and February 2024, and the days 1 and 2 March.

A *block* is the days of one month, the months of one year, or all years. The cells of a series are stored block by
block, so that a question about many area sets reads neighbouring pages. A range never leaves its block.
"""

from datetime import date, timedelta

# Buckets of a block: a month has at most 31 days; bucket 0 of a block is never used.
_BLOCK = 32
_DAYS, _MONTHS = 160_000 * _BLOCK, 30_000 * _BLOCK
Range = tuple[int, int]
Square = tuple[int, int, int, int]


def _months_sql(day: str) -> str:
    return f"(extract(year FROM {day})::int * 12 + extract(month FROM {day})::int - 1)"


def day_bucket_sql(day: str) -> str:
    """Return SQL that computes `day_bucket` of a day given as an SQL expression."""
    return f"{_DAYS} + {_months_sql(day)} * {_BLOCK} + extract(day FROM {day})::int"


def month_bucket_sql(day: str) -> str:
    """Return SQL that computes `month_bucket` of a day given as an SQL expression."""
    return f"{_MONTHS} + extract(year FROM {day})::int * {_BLOCK} + extract(month FROM {day})::int"


def year_bucket_sql(day: str) -> str:
    """Return SQL that computes the bucket of the year of a day given as an SQL expression: the year itself."""
    return f"extract(year FROM {day})::int"


def block_sql(bucket: str) -> str:
    """Return SQL that computes `block_of` of a bucket given as an SQL expression."""
    return f"CASE WHEN {bucket} < {_MONTHS} THEN 0 ELSE {bucket} / {_BLOCK} END"


def day_bucket(day: date) -> int:
    """Return the bucket of a day."""
    return _DAYS + (day.year * 12 + day.month - 1) * _BLOCK + day.day


def month_bucket(day: date) -> int:
    """Return the bucket of the day's month."""
    return _MONTHS + day.year * _BLOCK + day.month


def block_of(bucket: int) -> int:
    """Return the block of a bucket."""
    return 0 if bucket < _MONTHS else bucket // _BLOCK


def ranges(first: date | None, last: date) -> list[Range]:
    """Return the ranges of buckets of [first, last], each in one block; ``first`` None = from the beginning on."""
    if first is None:
        months = _cut(month_bucket(date(last.year, 1, 1)), month_bucket(last) - 1)
        return [(0, last.year - 1), *months, (day_bucket(last.replace(day=1)), day_bucket(last))]
    whole = _whole_months(first, last)
    if whole is None:
        return _cut(day_bucket(first), day_bucket(last))
    start, end = whole
    found = [*_cut(day_bucket(first), day_bucket(start) - 1), *_cut(day_bucket(end), day_bucket(last))]
    first_year = start.year if start.month == 1 else start.year + 1
    if first_year < end.year:
        found += _cut(month_bucket(start), month_bucket(date(first_year, 1, 1)) - 1)
        found.append((first_year, end.year - 1))
        found += _cut(month_bucket(date(end.year, 1, 1)), month_bucket(end) - 1)
    else:
        found += _cut(month_bucket(start), month_bucket(end) - 1)
    return found


def squares(first: date, last: date) -> tuple[list[Square], list[Square]]:
    """Return the ranges of pairs of days (earlier, later) that both lie in [first, last].

    A square is (first earlier, last earlier, first later, last later), in buckets. In a square of the first list all
    earlier buckets lie in one block, in a square of the second list all later ones.
    """
    whole = _whole_months(first, last)
    if whole is None:
        days = (day_bucket(first), day_bucket(last))
        return [(*one, *days) for one in _cut(*days)], []
    start, end = whole
    months = (month_bucket(start), month_bucket(end - timedelta(days=1)))
    by_earlier = [(*one, *months) for one in _cut(*months)]
    by_earlier += [
        (*one, day_bucket(first), day_bucket(last)) for one in _cut(day_bucket(first), day_bucket(start) - 1)
    ]
    by_later = [
        (day_bucket(start), day_bucket(last), *one) for one in _cut(day_bucket(end), day_bucket(last))
    ]
    return by_earlier, by_later


def _whole_months(first: date, last: date) -> tuple[date, date] | None:
    """Return the first day of the first whole month and the day after the last one; None without a whole month."""
    start = first if first.day == 1 else _next_month(first)
    after = last + timedelta(days=1)
    end = after.replace(day=1)
    return (start, end) if start < end else None


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _cut(low: int, high: int) -> list[Range]:
    """Return the range, cut at the borders of blocks, without the unused bucket 0 of each."""
    starts = range(low - low % _BLOCK, high + 1, _BLOCK)
    cut = [(max(low, start + 1), min(high, start + _BLOCK - 1)) for start in starts]
    return [(first, last) for first, last in cut if first <= last]
