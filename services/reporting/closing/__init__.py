"""Closed periods (chốt số liệu): signed figures that never change, their hash chain, revisions and later editions."""

from services.reporting.closing import usecases
from services.reporting.closing.ordering import own_figures
from services.reporting.closing.revising import revisions

__all__ = [
    "own_figures",
    "revisions",
    "usecases",
]
