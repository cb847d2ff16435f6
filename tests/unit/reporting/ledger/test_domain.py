"""One line of the ledger: received, late, missing or awaited, against the last day for it."""

from datetime import date
from itertools import product

import pytest

from contracts.forms import FORMS
from reference import Period, hand_in_periods, unit_kinds
from services.reporting.ledger.domain import Arrivals, Entry, Expected, Statement, counted, entry_of

DUE = date(2023, 11, 18)
PERIOD = Period("police", "2023-11", date(2023, 10, 15), date(2023, 11, 14), kind="month")


def line(
    arrived: dict[int, int], today: int, *, due: date | None = DUE, said: tuple[Statement, ...] = ()
) -> Entry:
    """The line on a day of November 2023; ``arrived``: day of that month → number of records."""
    by_day = {date(2023, 11, day): number for day, number in arrived.items()}
    expected = Expected("fires", "police:288", due)
    return entry_of(expected, Arrivals(by_day), PERIOD, date(2023, 11, today), said)


def whole(says: str, day: int, rows_after: int = 0) -> Statement:
    """A statement of the whole period, written down on a day of November 2023."""
    return Statement(PERIOD.first, PERIOD.last, says, date(2023, 11, day), rows_after)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arrived", "today", "due", "state", "late_days"),
    [
        ({}, 17, DUE, "awaited", 0),
        ({}, 18, DUE, "awaited", 0),
        ({}, 19, DUE, "missing", 1),
        ({}, 28, DUE, "missing", 10),
        ({}, 14, None, "awaited", 0),
        ({}, 15, None, "missing", 0),
        ({18: 3}, 28, DUE, "received", 0),
        ({19: 1}, 28, DUE, "late", 1),
        ({10: 5, 20: 2}, 28, DUE, "late", 2),
        ({29: 2}, 30, None, "received", 0),
    ],
)
def test_a_register_is_late_by_its_last_record_and_missing_after_the_last_day_for_it(
    arrived: dict[int, int], today: int, due: date | None, state: str, late_days: int
) -> None:
    found = line(arrived, today, due=due)
    assert (found.state, found.late_days) == (state, late_days)


def test_records_after_the_last_day_are_counted_apart() -> None:
    found = line({10: 5, 18: 1, 20: 2}, 28)
    assert (found.records, found.late_records, found.last_arrival) == (8, 2, date(2023, 11, 20))


def test_states_add_up_to_what_is_expected() -> None:
    found = counted([line({}, 17), line({}, 19), line({10: 1}, 19), line({19: 1}, 19)])
    assert found == {
        "expected": 4,
        "received": 1,
        "late": 1,
        "missing": 1,
        "awaited": 1,
        "declared": 0,
        "nil": 0,
    }


@pytest.mark.parametrize(
    ("stated", "today", "state", "late_days"),
    [(16, 28, "received", 0), (18, 18, "received", 0), (21, 28, "late", 3)],
)
def test_a_statement_that_nothing_happened_is_a_hand_in_and_late_after_the_last_day(
    stated: int, today: int, state: str, late_days: int
) -> None:
    found = line({}, today, said=(whole("nil", stated),))
    assert (found.state, found.late_days, found.records) == (state, late_days, 0)
    assert found.declared is not None
    assert (found.declared.says, found.declared.on) == ("nil", date(2023, 11, stated))


def test_a_complete_register_is_late_by_its_records_and_not_by_the_statement() -> None:
    found = line({10: 3}, 28, said=(whole("complete", 25),))
    assert (found.state, found.late_days) == ("received", 0)
    assert found.declared is not None
    assert found.declared.says == "complete"


def test_records_against_a_statement_of_nothing_make_it_declare_nothing() -> None:
    found = line({}, 28, said=(whole("nil", 16, rows_after=2),))
    assert (found.declared, found.rows_after, found.state) == (None, 2, "missing")


def test_records_after_a_complete_register_are_told_and_it_stays_complete() -> None:
    found = line({10: 3, 17: 1}, 28, said=(whole("complete", 16, rows_after=1),))
    assert found.declared is not None
    assert found.rows_after == 1


def test_declared_registers_are_counted_and_those_of_nothing_among_them() -> None:
    lines = [line({}, 28, said=(whole("nil", 16),)), line({10: 1}, 28, said=(whole("complete", 16),))]
    found = counted([*lines, line({10: 1}, 28)])
    assert (found["declared"], found["nil"]) == (2, 1)


def test_the_forms_that_are_expected_are_forms_and_their_units_kinds_of_unit() -> None:
    kinds = {kind.kind for kind in unit_kinds()} | {"*"}
    for kind, day in product(("month", "quarter", "half", "year"), (date(2023, 12, 14), date(2026, 3, 14))):
        for row in hand_in_periods(kind, day):
            assert row.form in FORMS
            assert row.units <= kinds
    # Lists of facilities and clinicians, targets and declarations come when something changes.
    listed = {row.form for row in hand_in_periods("year", date(2023, 12, 14))}
    assert set(FORMS) - listed == {"facilities", "clinicians", "targets", "declared"}
    assert "area_classes" not in {row.form for row in hand_in_periods("month", date(2023, 12, 14))}
