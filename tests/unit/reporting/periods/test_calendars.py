"""Reporting calendars are data: which days a period is, by when it is sent, and from when until when that held."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from reference.figures import FIGURES
from reference.reporting_calendars import (
    PeriodNotThenError,
    UnknownCalendarError,
    UnknownPeriodError,
    calendars,
    calendars_for,
    calendars_of,
    periods_of,
    resolve,
)
from reference.working_days import listed_days_off

D = date.fromisoformat
COMMITTEE = pytest.mark.hai_duong("the calendar of its committee")
WINDOWS = [
    ("civil", "2023", "2023-01-01", "2023-12-31"),
    ("civil", "2024-02", "2024-02-01", "2024-02-29"),
    ("civil", "2023-H2", "2023-07-01", "2023-12-31"),
    ("civil", "2023-Q4", "2023-10-01", "2023-12-31"),
    ("civil", "2023-M9C", "2023-01-01", "2023-09-30"),
    ("health", "2023", "2022-12-15", "2023-12-14"),
    ("health", "2023-Q1", "2022-12-15", "2023-03-14"),
    ("health", "2023-Q2", "2023-03-15", "2023-06-14"),
    ("health", "2023-Q4", "2023-09-15", "2023-12-14"),
    ("administrative", "2023", "2022-12-15", "2023-12-14"),
    ("administrative", "2023-H1", "2022-12-15", "2023-06-14"),
    ("administrative", "2023-M9C", "2022-12-15", "2023-09-14"),
    ("administrative", "2023-03", "2023-02-15", "2023-03-14"),
    ("administrative", "2023-01", "2022-12-15", "2023-01-14"),
    ("police", "2023-12", "2023-11-15", "2023-12-14"),
    pytest.param("committee", "2023", "2023-01-01", "2023-12-14", marks=COMMITTEE),
    ("drug_classification", "2025", "2024-12-15", "2025-12-14"),
    ("labour", "2024", "2024-01-01", "2024-12-31"),
]


@pytest.mark.parametrize(("calendar", "code", "first", "last"), WINDOWS)
def test_a_period_is_the_days_of_its_calendar(calendar: str, code: str, first: str, last: str) -> None:
    period = resolve(calendar, code)
    assert (period.first, period.last, period.calendar, period.code) == (D(first), D(last), calendar, code)


def due(calendar: str, code: str) -> dict[str, str]:
    return {level: day.isoformat() for level, day in resolve(calendar, code).due.items()}


def test_each_level_of_health_sends_on_its_day_after_the_quarter_or_the_next_working_day() -> None:
    # 18 March 2023 is a Saturday and 19 March a Sunday; in June 2024 only the 16th is a day off.
    assert due("health", "2023-Q1") == {
        "commune": "2023-03-16",
        "district": "2023-03-20",
        "province": "2023-03-20",
        "ministry": "2023-03-20",
    }
    assert list(due("health", "2024-Q2").values()) == ["2024-06-17", "2024-06-18", "2024-06-19", "2024-06-20"]


@pytest.mark.parametrize(
    ("day", "working", "moved_to"),
    [
        ("2023-09-01", False, "2023-09-05"),  # National Day, a weekend and the day moved from it
        ("2023-01-19", True, "2023-01-19"),
        ("2023-01-20", False, "2023-01-27"),  # Tết
        ("2024-05-04", True, "2024-05-04"),  # a Saturday worked in exchange
        ("2019-12-28", False, "2019-12-30"),  # a year without announced holidays has its weekends
    ],
)
def test_a_day_off_moves_to_the_next_working_day(day: str, working: bool, moved_to: str) -> None:
    listed = listed_days_off()
    assert (listed.is_working_day(D(day)), listed.on_working_day(D(day))) == (working, D(moved_to))


def test_the_police_send_on_the_16th_18th_20th_and_24th_or_the_next_working_day() -> None:
    expected = ["2023-12-18", "2023-12-18", "2023-12-20", "2023-12-25"]
    assert list(due("police", "2023").values()) == expected


def test_the_district_level_reports_until_30_june_2025_only() -> None:
    assert "district" in due("health", "2025-Q2")
    assert "district" not in due("health", "2025-Q3")
    assert "district" not in due("police", "2025-07")
    assert due("health", "2025-Q3")["commune"] == "2025-09-16"


def test_the_drug_classification_is_sent_before_20_and_30_december() -> None:
    assert due("drug_classification", "2025") == {"police": "2025-12-19", "ministry": "2025-12-29"}
    with pytest.raises(PeriodNotThenError) as then:
        resolve("drug_classification", "2024")
    assert then.value.since == D("2025-08-24")


def test_labour_reports_detox_in_the_following_month_until_it_hands_over() -> None:
    assert due("labour", "2024-12") == {"commune": "2025-01-03", "facility": "2025-01-03"}
    assert due("labour", "2023-H1") == {"district": "2023-07-07", "province": "2023-07-17"}
    with pytest.raises(PeriodNotThenError):
        resolve("labour", "2025")


def test_no_deadline_is_invented_where_no_rule_sets_one() -> None:
    assert due("civil", "2023") == due("administrative", "2023-Q1") == {}


@COMMITTEE
def test_the_committee_sets_no_deadline() -> None:
    assert due("committee", "2023") == {}


@pytest.mark.parametrize("calendar", [name for name in calendars() if name != "committee"])
@pytest.mark.parametrize("kind", ["half", "quarter", "month"])
def test_the_periods_of_a_kind_follow_each_other_and_make_up_the_year(calendar: str, kind: str) -> None:
    rules = [rule for rule in periods_of(calendar) if rule.kind == kind]
    if not rules:
        assert (calendar, kind) in {
            ("health", "half"),
            ("health", "month"),
            ("labour", "quarter"),
            ("drug_classification", kind),
        }
        return
    year = 2024  # a leap year, in which every calendar with such periods was in use
    parts = sorted(
        (resolve(calendar, rule.code.format(y=year)) for rule in rules), key=lambda part: part.first
    )
    whole = resolve(calendar, str(year))
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    for before, after in pairwise(parts):
        assert before.last + timedelta(days=1) == after.first


@pytest.mark.parametrize(
    "period", ["", "23", "2023-Q5", "2023-13", "2023-1", "Q1-2023", "2023-Q1-x", "2023-05"]
)
def test_an_unknown_period_names_those_there_are(period: str) -> None:
    with pytest.raises(UnknownPeriodError) as unknown:
        resolve("health", period)
    assert [code[-2:] for code in unknown.value.codes[1:]] == ["Q1", "Q2", "Q3", "Q4"]


def test_an_unknown_calendar_names_those_there_are() -> None:
    with pytest.raises(UnknownCalendarError) as unknown:
        resolve("lunar", "2023")
    assert {"civil", "health", "committee", "administrative"} <= set(unknown.value.calendars)


def test_every_agency_that_owns_a_figure_has_a_calendar_of_its_own() -> None:
    owners = {agency for figure in FIGURES.values() for _, agency in figure.owners}
    assert {owner: calendars_of(owner)[0] for owner in owners} == {owner: owner for owner in owners}


def test_a_figure_knows_its_calendars_by_what_it_is_about_and_by_who_owns_it() -> None:
    assert calendars_for("conflicts.detected", "police") == ["committee", "police", "civil", "administrative"]
    assert calendars_for("areas.drug_hot", "police")[:2] == ["drug_classification", "police"]
    detox = FIGURES["detox.in_facility"]
    before, after = detox.owner_on(D("2025-02-28")), detox.owner_on(D("2025-03-01"))
    assert calendars_for(detox.code, before)[0] == "labour"
    assert calendars_for(detox.code, after)[0] == "police"
