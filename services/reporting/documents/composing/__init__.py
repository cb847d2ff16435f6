"""Reports as their officials complete them: texts beside the figures, kept as versions, sent up and decided on.

``domain`` says what may follow on what; ``offices`` who writes and who decides; ``earlier`` what a new edition may begin with; ``storage`` keeps every step;
``usecases`` put them together. The routes are in ``composing_http``.
"""

from services.reporting.documents.composing.domain import (
    ACTS,
    PARTS,
    REASONED,
    STATES,
    WRITING,
    Act,
    State,
    Step,
    Texts,
    possible,
    sent,
    state_of,
    texts_of,
)
from services.reporting.documents.composing.earlier import Earlier
from services.reporting.documents.composing.offices import levels
from services.reporting.documents.composing.storage import About
from services.reporting.documents.composing.usecases import (
    LONGEST,
    LONGEST_REASON,
    PAGE,
    Given,
    Outcome,
    Waiting,
    WaitingPage,
    Why,
    act,
    may_do,
    offered,
    printed,
    seen,
    waiting,
)

__all__ = [
    "ACTS",
    "LONGEST",
    "LONGEST_REASON",
    "PAGE",
    "PARTS",
    "REASONED",
    "STATES",
    "WRITING",
    "About",
    "Act",
    "Earlier",
    "Given",
    "Outcome",
    "State",
    "Step",
    "Texts",
    "Waiting",
    "WaitingPage",
    "Why",
    "act",
    "levels",
    "may_do",
    "offered",
    "possible",
    "printed",
    "seen",
    "sent",
    "state_of",
    "texts_of",
    "waiting",
]
