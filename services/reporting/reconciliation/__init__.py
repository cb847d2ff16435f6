"""What an agency declared against what the log says: the difference, step by step."""

from services.reporting.reconciliation.queries import declarations
from services.reporting.reconciliation.usecases import reconcile

__all__ = [
    "declarations",
    "reconcile",
]
