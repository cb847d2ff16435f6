"""Closed periods (chốt số liệu): signed figures that never change, their hash chain, revisions and later editions."""

from services.reporting.closing import usecases
from services.reporting.closing.domain import differing
from services.reporting.closing.holding import Changed, Held, hold
from services.reporting.closing.ordering import (
    Acceptance,
    Order,
    check_official,
    office_key,
    own_figures,
    target_of,
)
from services.reporting.closing.revising import revisions
from services.reporting.closing.up_to_date import check_up_to_date

__all__ = [
    "Acceptance",
    "Changed",
    "Held",
    "Order",
    "check_official",
    "check_up_to_date",
    "differing",
    "hold",
    "office_key",
    "own_figures",
    "revisions",
    "target_of",
    "usecases",
]
