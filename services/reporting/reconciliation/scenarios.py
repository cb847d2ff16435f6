"""The scenarios of a reconciliation, and what a decomposition finds between them."""

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
    another area than the one asked about and is shown only to readers who may see that area as well.
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
    """The numbers of one figure in the scenarios, the steps between them, and the records behind each step.

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
    """The three scopes: ``then`` and ``now`` are the declared dates, as known at the cut-off and as known to the reader.

    ``asked`` are the dates asked about, as known to the reader.
    """

    then: Scope
    now: Scope
    asked: Scope
    cut_off: datetime
    known_at: datetime

    def as_known_to_the_asker(self) -> "Scenarios":
        """Return the same with an agency that knew what the asker knows."""
        # With equal knowledge in both scenarios no step can say that something was recorded later.
        return replace(self, then=self.now, cut_off=self.known_at)
