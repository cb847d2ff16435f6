"""What the operators' templates are given."""

from dataclasses import dataclass
from typing import ClassVar

from services.chassis.web import Link, Page, SummaryRow, Table, Text


@dataclass(frozen=True, kw_only=True)
class StatusPage(Page):
    """How a service is. ``trouble``: what is wrong, in sentences; ``letters`` only for whoever may see dead letters."""

    template: ClassVar[str] = "status.html"
    again: str
    trouble: tuple[Text, ...]
    facts: tuple[SummaryRow, ...]
    consumers: Table | None
    reasons: Table | None
    letters: Table | None
    next: str
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class LetterPage(Page):
    """A dead letter as far as it may be seen, and what can be done with it."""

    template: ClassVar[str] = "letter.html"
    done: Text
    facts: tuple[SummaryRow, ...]
    content: tuple[SummaryRow, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class ConfirmPage(Page):
    """The question before something is done: what it is about, what it does, and the one button that does it."""

    template: ClassVar[str] = "confirm.html"
    facts: tuple[SummaryRow, ...]
    meaning: Text
    action: str
    button: Text
    back: str
