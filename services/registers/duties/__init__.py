"""Duties: what is to be done about records, by when and by which article; computed from the records as they stand, never stored."""

from services.registers.duties.asking import PLACE, Due, Question, due_as, due_for, page_of
from services.registers.duties.counting import UnitCounts, counts_as, counts_units
from services.registers.duties.http import calendar_answer, csv_answer, duties_router
from services.registers.duties.model import (
    STATES,
    Begun,
    Duty,
    DutyBook,
    Extend,
    Fact,
    Find,
    Lacking,
    Reckoned,
    State,
)
from services.registers.duties.reading import duties_of_units
from services.registers.duties.reckoning import reckon, state_of
from services.registers.duties.words import doubt_text, rule_text

__all__ = [
    "PLACE",
    "STATES",
    "Begun",
    "Due",
    "Duty",
    "DutyBook",
    "Extend",
    "Fact",
    "Find",
    "Lacking",
    "Question",
    "Reckoned",
    "State",
    "UnitCounts",
    "calendar_answer",
    "counts_as",
    "counts_units",
    "csv_answer",
    "doubt_text",
    "due_as",
    "due_for",
    "duties_of_units",
    "duties_router",
    "page_of",
    "reckon",
    "rule_text",
    "state_of",
]
