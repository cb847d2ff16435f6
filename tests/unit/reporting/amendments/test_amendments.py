"""Amendments of days off: what they make of the days, what they move, and that one person alone changes nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from reference import DayChange, Period, calendars, listed_days_off, moved_days, resolve, with_days_off
from services.reporting.amendments.domain import (
    VERDICTS,
    Amendment,
    AmendmentError,
    Decision,
    decide,
)
from services.reporting.amendments.moving import moving

BEGIN = date(2024, 1, 1)
AT = datetime(2024, 1, 2, tzinfo=UTC)
day = st.integers(0, 60).map(lambda number: BEGIN + timedelta(days=number))
change = st.builds(
    lambda kind, first, more: DayChange(kind, first, first + timedelta(days=more)),
    st.sampled_from(["off", "worked", "listed"]),
    day,
    st.integers(0, 9),
)
decision = st.builds(
    lambda verdict, by: Decision(verdict, by, "committee:30", AT), st.sampled_from(VERDICTS), st.sampled_from("abc")
)  # fmt: skip


def proposed(by: str = "a") -> Amendment:
    return Amendment(UUID(int=1), DayChange("off", BEGIN, BEGIN), "Tết", by, "committee:30", AT)


@given(st.lists(decision, max_size=6))
@settings(deadline=None)
def test_one_person_alone_changes_nothing_and_what_is_decided_stays(attempts: list[Decision]) -> None:
    stands = proposed()
    for number, attempt in enumerate(attempts, 1):
        before = stands
        try:
            stands = decide(stands, attempt, number)
        except AmendmentError:
            assert stands is before
        if before.decision is not None:
            assert stands is before
        if stands.state in ("confirmed", "rejected"):
            assert stands.decision is not None
            assert stands.decision.by != stands.proposed_by
        if stands.state == "withdrawn":
            assert stands.decision is not None
            assert stands.decision.by == stands.proposed_by
        assert (stands.number is not None) == (stands.state == "confirmed")


def model(changes: list[DayChange]) -> Mapping[date, bool]:
    """Day → whether it is worked: each day by itself, the last change of it first."""
    listed = listed_days_off()
    days = [BEGIN + timedelta(days=number) for number in range(75)]
    found = {}
    for each in days:
        last = next((one for one in reversed(changes) if one.first <= each <= one.last), None)
        by_file = listed.is_working_day(each)
        found[each] = by_file if last is None or last.kind == "listed" else last.kind == "worked"
    return found


@given(st.lists(change, max_size=8))
@settings(deadline=None, max_examples=60)
def test_of_a_day_the_last_change_counts_and_the_file_where_there_is_none(changes: list[DayChange]) -> None:
    days_off = listed_days_off().changed(changes)
    for each, worked in model(changes).items():
        assert days_off.is_working_day(each) == worked


@given(st.lists(change, max_size=3), change)
@settings(deadline=None, max_examples=15)
def test_every_last_day_that_moves_is_listed_and_no_other(
    confirmed: list[DayChange], wanted: DayChange
) -> None:
    before, after = (listed_days_off().changed(list(each)) for each in (confirmed, [*confirmed, wanted]))
    found = {
        (one.period.calendar, one.period.code, one.level): (one.before, one.after)
        for one in moved_days(before, after, wanted.first, wanted.last)
    }
    # Each kind of period of each calendar, of all years that could reach these days.
    for name, calendar in calendars().items():
        for code in (rule.code.format(y=year) for rule in calendar.periods for year in range(2021, 2027)):
            period = resolved(name, code)
            if period is None:
                continue
            was, becomes = with_days_off(period, before).due, with_days_off(period, after).due
            for level, last in was.items():
                expected = (last, becomes[level]) if last != becomes[level] else None
                assert found.get((name, code, level)) == expected


def resolved(calendar: str, code: str) -> Period | None:
    """The period, where the calendar had such ones then."""
    try:
        return resolve(calendar, code)
    except ValueError:
        return None


def test_a_change_that_changes_no_day_says_so_and_moves_nothing() -> None:
    saturday = date(2024, 1, 6)
    assert moving(DayChange("off", saturday, saturday), []).nothing
    assert moving(DayChange("listed", BEGIN, BEGIN), []).nothing
    worked = [DayChange("worked", saturday, saturday)]
    back = moving(DayChange("listed", saturday, saturday), worked)
    assert not back.nothing
