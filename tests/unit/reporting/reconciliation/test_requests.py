"""A number given by hand is read as the form's own column is: a full stop before three digits is no decimal point."""

from decimal import Decimal

import pytest

from services.chassis.problems import Problem
from services.reporting.reconciliation.requests import ReconciliationRequest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1120", "1120"),
        ("1.120", "1120"),
        ("1.120,5", "1120.5"),
        ("78,3", "78.3"),
        ("78.3", "78.3"),
        ("0", "0"),
    ],
)
def test_a_number_is_read_as_it_is_written_in_vietnam(text: str, value: str) -> None:
    number = ReconciliationRequest({"declared": text}).number
    assert number is not None
    assert number.value == Decimal(value)


@pytest.mark.parametrize("text", ["many", "1,2,3", "NaN", "1e5", "Infinity", "9" * 40])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        ReconciliationRequest({"declared": text})
    assert [(fault.field, fault.rule) for fault in refused.value.faults] == [("declared", "reconcile_value")]
