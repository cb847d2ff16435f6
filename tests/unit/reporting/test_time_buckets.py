"""A period as ranges of days, months and years: every day of it once, and no other."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reference.pack.areas import area_book
from services.reporting.figures.aggregates import places
from services.reporting.figures.aggregates.buckets import block_of, day_bucket, month_bucket, ranges, squares

_DAYS = st.dates(date(2021, 1, 1), date(2025, 12, 31))
EVERY = [date(2020, 6, 1) + timedelta(days=n) for n in range(2_300)]


def buckets_of(day: date) -> tuple[int, int, int]:
    return day_bucket(day), month_bucket(day), day.year


@settings(max_examples=25)
@given(first=_DAYS, last=_DAYS)
def test_every_day_of_a_period_is_in_exactly_one_range(first: date, last: date) -> None:
    first, last = min(first, last), max(first, last)
    found = ranges(first, last)
    for day in EVERY:
        hits = sum(low <= bucket <= high for bucket in buckets_of(day) for low, high in found)
        assert hits == (first <= day <= last)


@settings(max_examples=25)
@given(last=_DAYS)
def test_every_day_up_to_a_day_is_in_exactly_one_range(last: date) -> None:
    found = ranges(None, last)
    for day in (*EVERY, date(1950, 3, 4), date(9990, 12, 31)):
        hits = sum(low <= bucket <= high for bucket in buckets_of(day) for low, high in found)
        assert hits == (day <= last)


@given(first=_DAYS, last=_DAYS, earlier=_DAYS, later=_DAYS)
def test_every_pair_of_days_inside_a_period_is_in_exactly_one_square(
    first: date, last: date, earlier: date, later: date
) -> None:
    first, last, earlier, later = min(first, last), max(first, last), min(earlier, later), max(earlier, later)
    pairs = [(day_bucket(earlier), day_bucket(later)), (month_bucket(earlier), month_bucket(later))]
    by_earlier, by_later = squares(first, last)
    hits = sum(
        earlier_low <= before <= earlier_high and low <= then <= high
        for before, then in pairs
        for earlier_low, earlier_high, low, high in (*by_earlier, *by_later)
    )
    assert hits == (first <= earlier and later <= last)


@given(first=st.none() | _DAYS, last=_DAYS)
def test_no_range_leaves_its_block_so_that_a_question_reads_neighbouring_pages(
    first: date | None, last: date
) -> None:
    for low, high in ranges(None if first is None else min(first, last), last):
        assert block_of(low) == block_of(high)


@given(first=_DAYS, last=_DAYS)
def test_the_earlier_or_the_later_days_of_a_square_lie_in_one_block(first: date, last: date) -> None:
    by_earlier, by_later = squares(min(first, last), max(first, last))
    assert all(block_of(one[0]) == block_of(one[1]) for one in by_earlier)
    assert all(block_of(one[2]) == block_of(one[3]) for one in by_later)


def test_a_question_reads_few_ranges_however_long_its_period() -> None:
    assert len(ranges(date(2001, 2, 3), date(2025, 11, 28))) == 5
    assert len(ranges(None, date(2025, 11, 28))) == 3


def test_every_question_about_an_area_reads_area_sets_that_are_kept() -> None:
    kept = {part.area_set for part in places.parts()}
    for first, end in places.eras():
        day = end - timedelta(days=1)
        for uid, area in area_book().by_uid.items():
            for by in (
                places.SPLITS if area.exists_on(day) and area.exists_on(max(first, date(2008, 1, 1))) else ()
            ):
                plan = places.plan(uid, day, by)
                if plan is not None:
                    assert {plan.whole, *plan.rows.values()} - {places.area_set_of(frozenset())} <= kept
                    assert plan.split_areas is None or plan.split_areas in kept


def test_every_file_that_tells_one_program_from_another_is_there() -> None:
    """A file that moves would otherwise be missed only when a consumer starts."""
    assert len(places.fingerprint()) == 64
