"""How months grew: shares of what is known now, their middle and ends, and what to expect where there are months enough."""

from datetime import date

from reference import resolve
from services.reporting.pages.growth import Month, marks_of


def month(number: int, now: float, **then: float) -> Month:
    known = {int(weeks.removeprefix("w")): value for weeks, value in then.items()}
    return Month(resolve("civil", f"2023-{number:02}"), known, now)


def test_marks_say_what_share_was_known_and_between_which_ends() -> None:
    # Given three months of which 80, 90 and 100 hundredths were known after a week, and two after two
    months = [month(1, 100, w1=80, w2=90), month(2, 10, w1=9, w2=10), month(3, 7, w1=7)]
    first, second = marks_of(months)
    assert (first.weeks, first.months, first.least, first.middle, first.most) == (1, 3, 80, 90, 100)
    assert (second.weeks, second.months, second.least, second.middle, second.most) == (2, 2, 90, 95, 100)
    # Three months are too few to say what to expect
    assert first.grew is None


def test_what_to_expect_is_what_the_middle_half_of_the_months_grew_by() -> None:
    # Given five months that grew by 0, 10, 20, 30 and 100 hundredths of what was known after a week
    months = [month(n, 100 + grew, w1=100) for n, grew in enumerate((0, 10, 20, 30, 100), start=1)]
    (mark,) = marks_of(months)
    assert mark.grew == (10, 30)


def test_a_month_without_anything_says_nothing() -> None:
    assert marks_of([month(1, 0, w1=0)]) == []
    assert date(2023, 1, 31) == month(1, 0).period.last
