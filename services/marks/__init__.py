"""Marks on lines of lists: who has a line, whether it is done or disputed, and notes; see docs/adr/0036."""

from services.marks.documents import WANTED, history_document, mark_document, wanted_of
from services.marks.identity_numbers import has_identity_number, writes_identity_number
from services.marks.marking import (
    MARK_LINE,
    NOTHING_SEEN,
    Author,
    Marking,
    Outcome,
    Seen,
    faults_of,
    put_mark,
)
from services.marks.requests import MarkAnswer, MarkRequest
from services.marks.standing import (
    Kind,
    Line,
    Mark,
    MarkedLines,
    MarkedList,
    Standing,
    Wanted,
    in_order,
    is_wanted,
    standing_of,
)
from services.marks.storage import Notes, marks_of
from services.marks.tables import MARKS

__all__ = [
    "MARKS",
    "MARK_LINE",
    "NOTHING_SEEN",
    "WANTED",
    "Author",
    "Kind",
    "Line",
    "Mark",
    "MarkAnswer",
    "MarkRequest",
    "MarkedLines",
    "MarkedList",
    "Marking",
    "Notes",
    "Outcome",
    "Seen",
    "Standing",
    "Wanted",
    "faults_of",
    "has_identity_number",
    "history_document",
    "in_order",
    "is_wanted",
    "mark_document",
    "marks_of",
    "put_mark",
    "standing_of",
    "wanted_of",
    "writes_identity_number",
]
