"""Reconciliation: explains, step by step, why the number that an agency declared differs from the computed figure."""

from services.reporting.reconciliation.domain.waterfall import MEASURED, UNEXPLAINED
from services.reporting.reconciliation.usecases import (
    EXACT_ONLY,
    Given,
    declared_in,
    reconcile,
    reconcile_for,
)

__all__ = [
    "EXACT_ONLY",
    "MEASURED",
    "UNEXPLAINED",
    "Given",
    "declared_in",
    "reconcile",
    "reconcile_for",
]
