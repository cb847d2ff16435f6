"""Periods of a data query over the official calendars."""

from datetime import date

import pytest

from services.reporting.dissemination.windows import Frequency, Mark, NotAPeriodError, between


def codes(start: str, end: str, frequency: Frequency, calendar: str = "civil") -> list[str]:
    found = between(Mark.read(start), Mark.read(end), frequency, calendar, 500)
    return [window.code for window in found]


def test_a_year_has_four_quarters_twelve_months_and_two_halves() -> None:
    assert codes("2023", "2023", "Q") == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"]
    assert codes("2023", "2023", "M") == [f"2023-{month:02d}" for month in range(1, 13)]
    assert codes("2023", "2024", "H") == ["2023-H1", "2023-H2", "2024-H1", "2024-H2"]
    assert codes("2022", "2024", "A") == ["2022", "2023", "2024"]


def test_smaller_marks_span_only_whole_larger_periods() -> None:
    assert codes("2023-02", "2024-01", "Q") == ["2023-Q2", "2023-Q3", "2023-Q4"]
    assert codes("2023-Q2", "2023-Q3", "A") == []
    assert codes("2022-H2", "2024-H1", "A") == ["2023"]


def test_days_run_from_the_first_of_the_start_to_the_last_of_the_end() -> None:
    days = codes("2023-12-30", "2024-01-02", "D")
    assert days == ["2023-12-30", "2023-12-31", "2024-01-01", "2024-01-02"]
    assert len(codes("2024-02", "2024-02", "D")) == 29


def test_health_periods_begin_in_december_before() -> None:
    first, *_ = between(Mark.read("2023"), Mark.read("2023"), "Q", "health", 500)
    assert (first.first, first.last) == (date(2022, 12, 15), date(2023, 3, 14))
    (year,) = between(Mark.read("2023"), Mark.read("2023"), "A", "health", 500)
    assert (year.first, year.last) == (date(2022, 12, 15), date(2023, 12, 14))


def test_the_limit_ends_an_endless_list() -> None:
    found = between(Mark.read("1950"), Mark.read("2050"), "D", "civil", 10)
    assert len(found) == 11


@pytest.mark.parametrize("text", ["", "23", "2023-13", "2023-Q5", "2023-02-30", "2023-H3", "now", "2023-1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(NotAPeriodError):
        Mark.read(text)
