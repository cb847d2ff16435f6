"""An amendment of a rule and who may decide it: two persons, one decision, no way back. Pure.

What is confirmed is taken back by another amendment, so the history says what held when.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from reference import DayChange, DaysOff

State = Literal["proposed", "confirmed", "rejected", "withdrawn"]
Verdict = Literal["confirm", "reject", "withdraw"]
STATES: tuple[State, ...] = get_args(State)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
DAYS_OFF = "days_off"
"""The rule table that can be amended so far."""
MOST_DAYS = 31
"""Days that one amendment changes at most: more of them is a mistyped year."""
AHEAD = timedelta(days=3 * 366)
EARLIEST = date(2020, 1, 1)
_BECOMES: dict[Verdict, State] = {"confirm": "confirmed", "reject": "rejected", "withdraw": "withdrawn"}


class AmendmentError(Exception):
    """An amendment cannot be decided so. ``rule`` names the text that says why; ``forbidden``: by this person."""

    def __init__(self, rule: str, *, forbidden: bool = False) -> None:
        super().__init__(rule)
        self.rule = rule
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an amendment: by whom, from which unit, when, and why (a rejection says it)."""

    verdict: Verdict
    by: str
    unit: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """Days off that somebody wants to change, and why. ``number`` counts what was confirmed: later ones go before earlier."""

    id: UUID
    change: DayChange
    reason: str
    proposed_by: str
    proposed_from: str
    proposed_at: datetime
    decision: Decision | None = None
    number: int | None = None

    @property
    def state(self) -> State:
        """Return where it stands."""
        return "proposed" if self.decision is None else _BECOMES[self.decision.verdict]


def decide(amendment: Amendment, decision: Decision, number: int) -> Amendment:
    """Return the amendment with its decision; the same decision again by the same person changes nothing.

    Raises:
        AmendmentError: it is decided, or the person is the one who must not decide it so.
    """
    own = decision.by == amendment.proposed_by
    made = amendment.decision
    if made is not None:
        if (made.verdict, made.by) == (decision.verdict, decision.by):
            return amendment
        raise AmendmentError("amendment_decided")
    if own != (decision.verdict == "withdraw"):
        raise AmendmentError("amendment_own" if own else "amendment_of_other", forbidden=True)
    return replace(
        amendment, decision=decision, number=number if decision.verdict == "confirm" else amendment.number
    )


def changes_nothing(change: DayChange, before: DaysOff, after: DaysOff) -> bool:
    """Return whether every day stays the working day or day off that it is."""
    return all(after.is_working_day(day) == before.is_working_day(day) for day in change.days)
