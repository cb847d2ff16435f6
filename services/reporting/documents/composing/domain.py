"""What becomes of a report, step by step: its texts are written, it is sent up, taken back, approved or returned. Pure.

A report is what its steps make of it; a step is never changed. ``decide`` answers what a command adds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

State = Literal["draft", "submitted", "approved", "returned"]
"""``draft``: nothing is sent; ``returned``: it was sent, and has to be mended."""
Act = Literal["written", "taken_over", "submitted", "recalled", "approved", "returned"]
"""``taken_over``: a report without texts begins with those of the edition before, for its author to edit."""
ACTS: tuple[Act, ...] = get_args(Act)
STATES: tuple[State, ...] = get_args(State)
_LEADS: Mapping[Act, tuple[frozenset[State], State | None]] = {
    "written": (frozenset({"draft", "returned"}), None),
    "taken_over": (frozenset({"draft", "returned"}), None),
    "submitted": (frozenset({"draft", "returned"}), "submitted"),
    "recalled": (frozenset({"submitted"}), "draft"),
    "approved": (frozenset({"submitted"}), "approved"),
    "returned": (frozenset({"submitted"}), "returned"),
}
"""Act → in which states it may be done, and the state that it makes; None: the state stays."""
REASONED: frozenset[Act] = frozenset({"recalled", "returned"})
"""Acts that say why."""
WRITING: frozenset[Act] = frozenset({"written", "taken_over"})
"""Acts that change the texts."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What officials write beside the figures: remarks, causes, directions, recommendations; paragraphs are lines."""

    remarks: str = ""
    causes: str = ""
    directions: str = ""
    recommendations: str = ""

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the texts with their names, in the order of printing."""
        return tuple((name, getattr(self, name)) for name in PARTS)


PARTS: tuple[str, ...] = tuple(field.name for field in fields(Texts))


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``number`` counts from 1. ``texts`` are those that stand after it.

    ``known_at`` is set where it was submitted: the latest record that the figures contained then. ``source`` is set where
    texts were taken over: the closing to whose report they belong.
    """

    number: int
    act: Act
    state: State
    at: datetime
    by: str
    unit: str
    texts: Texts
    reason: str | None = None
    known_at: datetime | None = None
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants to do. ``seen`` is the number of the last step that they were shown, 0 for none.

    ``texts`` are those to be kept: as they were written, or as they stand in the report of ``source``.
    """

    act: Act
    by: str
    unit: str
    seen: int
    texts: Texts = Texts()
    reason: str | None = None
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The report is already as the command says: it was sent twice."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The command does not fit what stands (``rule`` says how); ``last`` is the step that was faster."""

    rule: Literal["report_changed", "report_state", "report_has_texts"]
    last: Step | None


def state_of(steps: Sequence[Step]) -> State:
    """Return what stands of a report."""
    return steps[-1].state if steps else "draft"


def texts_of(steps: Sequence[Step]) -> Texts:
    """Return the texts that stand."""
    return steps[-1].texts if steps else Texts()


def sent(steps: Sequence[Step]) -> Step | None:
    """Return the step by which the report was sent up, while it is; None while it is being written."""
    if state_of(steps) not in ("submitted", "approved"):
        return None
    return next(step for step in reversed(steps) if step.act == "submitted")


def possible(state: State) -> tuple[Act, ...]:
    """Return the acts that a state allows to somebody."""
    return tuple(act for act, (within, _) in _LEADS.items() if state in within)


def decide(
    steps: Sequence[Step], command: Command, now: datetime, known_at: datetime | None
) -> Step | Unchanged | Conflict:
    """Return the step that a command adds, or that it changes nothing, or how it does not fit.

    A command that is sent twice, as by a double click, is known by its author, and by what it does to the same step.
    """
    last = steps[-1] if steps else None
    if last is not None and _is_repeat(last, command):
        return Unchanged()
    if command.seen != (last.number if last else 0):
        return Conflict("report_changed", last)
    state = state_of(steps)
    within, leads = _LEADS[command.act]
    if state not in within:
        return Conflict("report_state", last)
    if command.act == "taken_over" and texts_of(steps) != Texts():
        return Conflict("report_has_texts", last)
    texts = command.texts if command.act in WRITING else texts_of(steps)
    if command.act == "written" and texts == texts_of(steps):
        return Unchanged()
    return Step(
        number=command.seen + 1,
        act=command.act,
        state=leads or state,
        at=now,
        by=command.by,
        unit=command.unit,
        texts=texts,
        reason=command.reason if command.act in REASONED else None,
        known_at=known_at if command.act == "submitted" else None,
        source=command.source if command.act == "taken_over" else None,
    )


def _is_repeat(last: Step, command: Command) -> bool:
    same = (last.act, last.by, last.unit) == (command.act, command.by, command.unit)
    if not same or last.number != command.seen + 1:
        return False
    return last.texts == command.texts if command.act in WRITING else last.reason == _reason(command)


def _reason(command: Command) -> str | None:
    return command.reason if command.act in REASONED else None
