"""What an agency declared against what the log says: the difference, step by step."""

from services.reporting.reconciliation.usecases import declared_in, reconcile_for

__all__ = [
    "declared_in",
    "reconcile_for",
]
