"""Reconciliation: explains, step by step, why the number that an agency declared differs from the computed figure."""

from services.reporting.reconciliation.usecases import declared_in, reconcile_for

__all__ = [
    "declared_in",
    "reconcile_for",
]
