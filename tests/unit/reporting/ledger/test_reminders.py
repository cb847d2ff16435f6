"""Of what a unit is reminded, and that nothing is told twice."""

from datetime import date

import pytest

from contracts.forms import FORMS
from reference import Period, forms_expected, listed_days_off, periods_due, reminder_rule
from services.reporting.ledger.domain import Arrivals, Expected, Kind, Statement, entry_of, reminders

PERIOD = Period("police", "2023-11", date(2023, 10, 15), date(2023, 11, 14), kind="month")
DUE = date(2023, 11, 16)
PLACE = ("police:288", "fires", "police", "2023-11")


def told_on(
    today: date, *, due: date | None = DUE, said: tuple[Statement, ...] = (), told: tuple[Kind, ...] = ()
) -> list[tuple[str, int]]:
    """The kinds and days of what is told on a day."""
    entry = entry_of(Expected("fires", "police:288", due), Arrivals({}), PERIOD, today, said)
    already = {(PLACE, kind) for kind in told}
    return [(one.kind, one.days) for one in reminders([entry], PERIOD, today, reminder_rule(today), already)]


def nil(day: date) -> tuple[Statement, ...]:
    return (Statement(PERIOD.first, PERIOD.last, "nil", day),)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2023, 11, 12), []),
        (date(2023, 11, 13), [("due_soon", 3)]),
        (date(2023, 11, 16), [("due_soon", 0)]),
        (date(2023, 11, 17), [("overdue", 1)]),
        (date(2023, 12, 17), [("overdue", 31)]),
        (date(2023, 12, 18), []),
    ],
)
def test_a_register_that_nobody_declared_is_due_soon_and_then_overdue(
    today: date, expected: list[tuple[str, int]]
) -> None:
    assert told_on(today) == expected


def test_a_declared_register_is_complete_by_so_many_days_late() -> None:
    assert told_on(date(2023, 11, 15), said=nil(date(2023, 11, 15))) == [("completed", 0)]
    assert told_on(date(2023, 11, 20), said=nil(date(2023, 11, 20))) == [("completed", 4)]


def test_what_was_told_is_not_told_again_and_its_end_is_told_whenever_that_is() -> None:
    assert told_on(date(2023, 11, 14), told=("due_soon",)) == []
    assert told_on(date(2023, 11, 17), told=("due_soon",)) == [("overdue", 1)]
    late = date(2024, 3, 1)
    assert told_on(late, said=nil(late), told=("overdue",)) == [("completed", 106)]
    assert told_on(late, said=nil(late)) == []
    assert told_on(late, said=nil(late), told=("overdue", "completed")) == []


def test_without_a_last_day_nobody_is_reminded() -> None:
    assert told_on(date(2023, 11, 17), due=None) == []


def test_the_periods_that_are_watched_are_over_and_have_a_last_day_near() -> None:
    found = periods_due(date(2023, 11, 17), listed_days_off())
    assert ("police", "2023-11") in {(period.calendar, period.code) for period in found}
    for period in found:
        assert period.last < date(2023, 11, 17)
        assert any(abs((due - date(2023, 11, 17)).days) <= 31 for due in period.due.values())


def test_what_a_unit_hands_in_follows_from_the_authority_table_and_the_calendar() -> None:
    police = {("commune_police", "police")}
    found = forms_expected(police, PERIOD, frozenset(FORMS))
    assert {"registry", "fires", "drug_cases"} <= found
    assert not found & {"methadone", "detox", "facilities", "declared"}
    assert forms_expected({("ost_site", "health")}, PERIOD, frozenset(FORMS)) == frozenset()
