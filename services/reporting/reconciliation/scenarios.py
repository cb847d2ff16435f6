"""The scenarios between which a declared number and a computed one are decomposed, and what is found on the way."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from services.reporting.figures import Member, Scope
from services.reporting.reconciliation.domain.changes import RecordChange
from services.reporting.reconciliation.domain.waterfall import telescope

Side = Literal["declared", "computed", "both"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record behind a step. ``side``: in which of the two scenarios of the step it is counted.

    ``rule`` and ``parts`` are the reason as a text of the catalogue. ``group`` numbers the human beings of a step with
    several records each. A commune (figures about communes) has an area and no member. ``outside``: the record belongs to
    another area than the one asked and is shown only to who reaches that one, too.
    """

    side: Side
    rule: str
    parts: dict[str, Any] = field(default_factory=dict)
    member: Member | None = None
    group: int | None = None
    cause: RecordChange | None = None
    area: str | None = None
    outside: bool = False


@dataclass(slots=True)
class Decomposition:
    """The scenarios of one counted figure: its numbers, its steps and what is behind each.

    ``stages`` are the numbers that each step leads to. ``first`` are the rows of the declared scenario, None where the
    figure counts no rows.
    """

    then: Fraction
    now: Fraction
    asked: Fraction
    stages: list[tuple[str, Fraction]]
    entries: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    first: list[Member] | None = None

    def steps(self) -> dict[str, Fraction]:
        """Return what each measured step adds to *declared − computed*."""
        return telescope(self.stages, self.then)


@dataclass(frozen=True, slots=True)
class Scenarios:
    """The declared dates with the agency's knowledge, the same with the asker's, and the dates asked."""

    then: Scope
    now: Scope
    asked: Scope
    cut_off: datetime
    known_at: datetime

    def as_known_to_the_asker(self) -> "Scenarios":
        """Return the same with an agency that knew what the asker knows."""
        # With the same knowledge on both sides nothing can be put down to what was learnt since.
        return replace(self, then=self.now, cut_off=self.known_at)
