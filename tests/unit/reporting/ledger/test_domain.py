"""One line of the ledger: received, late, missing or awaited, against the last day for it."""

from datetime import date
from itertools import product

import pytest

from contracts.forms import FORMS
from reference import hand_in_periods, unit_kinds
from services.reporting.ledger.domain import Arrivals, Entry, Expected, counted, entry_of

DUE, PERIOD_LAST = date(2023, 11, 18), date(2023, 11, 14)


def line(arrived: dict[int, int], today: int, *, due: date | None = DUE) -> Entry:
    """The line on a day of November 2023; ``arrived``: day of that month → number of records."""
    by_day = {date(2023, 11, day): number for day, number in arrived.items()}
    expected = Expected("fires", "police:288", due)
    return entry_of(expected, Arrivals(by_day), PERIOD_LAST, date(2023, 11, today))


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
    assert found == {"expected": 4, "received": 1, "late": 1, "missing": 1, "awaited": 1}


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
