"""What the ledger says, from days, counts and statements alone: lines, declared spans, reminders. Pure."""

from services.reporting.ledger.domain.entries import (
    STATES,
    Arrivals,
    Entry,
    Expected,
    State,
    counted,
    entry_of,
)
from services.reporting.ledger.domain.reminders import Kind, Place, Reminder, reminders
from services.reporting.ledger.domain.statements import Declared, Statement, declared

__all__ = [
    "STATES",
    "Arrivals",
    "Declared",
    "Entry",
    "Expected",
    "Kind",
    "Place",
    "Reminder",
    "State",
    "Statement",
    "counted",
    "declared",
    "entry_of",
    "reminders",
]
