"""Reconciliation: explains, step by step, why the number that an agency declared differs from the computed figure."""

from services.reporting.reconciliation.domain.choice import Declared, choose
from services.reporting.reconciliation.domain.waterfall import MEASURED, UNEXPLAINED
from services.reporting.reconciliation.marking import (
    AskedWaterfall,
    asked_waterfall,
    check_may_mark,
    mark_step_line,
    marked_line,
)
from services.reporting.reconciliation.overview import first_of, overview
from services.reporting.reconciliation.seen import seen_reconciliation
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
    "AskedWaterfall",
    "Declared",
    "Given",
    "asked_waterfall",
    "check_may_mark",
    "choose",
    "declared_in",
    "first_of",
    "mark_step_line",
    "marked_line",
    "overview",
    "reconcile",
    "reconcile_for",
    "seen_reconciliation",
]
