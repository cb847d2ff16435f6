"""Reports as the users know them: figures composed into official documents and workbooks.

``catalogue`` says what each report holds, as data; ``planning`` which numbers that needs; ``usecases`` gets them;
``compose`` makes the ``document``; the ``render_…`` modules write it in five formats.
"""

from services.reporting.documents import composing, document
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.composing import (
    ACTS,
    PARTS,
    WRITING,
    About,
    Act,
    Earlier,
    Given,
    Outcome,
    State,
    Step,
    Texts,
    Waiting,
    WaitingPage,
    may_do,
    sent,
    state_of,
    texts_of,
)
from services.reporting.documents.composing_http import NAMING, named_report
from services.reporting.documents.document import Document
from services.reporting.documents.making import Question, made, question_of, without_annexes
from services.reporting.documents.parts import Report
from services.reporting.documents.printing import Printing
from services.reporting.documents.requests import Request

__all__ = [
    "ACTS",
    "NAMING",
    "PARTS",
    "REPORTS",
    "WRITING",
    "About",
    "Act",
    "Document",
    "Earlier",
    "Given",
    "Outcome",
    "Printing",
    "Question",
    "Report",
    "Request",
    "State",
    "Step",
    "Texts",
    "Waiting",
    "WaitingPage",
    "composing",
    "document",
    "made",
    "may_do",
    "named_report",
    "question_of",
    "sent",
    "state_of",
    "texts_of",
    "without_annexes",
]
