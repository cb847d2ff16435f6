"""Closed periods: frozen figures, their chain of hashes, what changed since, editions."""

from services.reporting.closing import usecases
from services.reporting.closing.revising import revisions

__all__ = [
    "revisions",
    "usecases",
]
