"""What a row of a register does to its record, and what is to be told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.registers.row import Row
from services.registers.states import Digest, State


@dataclass(frozen=True, slots=True)
class Entry:
    """A valid row as `decide` sees it. ``given`` is its own `recorded_on`; ``row`` is None for a withdrawal."""

    row: Row | None
    content: Mapping[str, Any]
    digest: Digest
    given: datetime | None
    own_day: date | None

    @property
    def void(self) -> bool:
        """Return whether the entry withdraws the record."""
        return self.row is None


@dataclass(frozen=True, slots=True)
class Planned:
    """An event to be written: type, valid day, instant."""

    type: str
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The record is entered."""

    events: tuple[Planned, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Restored:
    """The record is entered again after a withdrawal."""

    events: tuple[Planned, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Corrected:
    """The record says something else from now on, or reports a further milestone."""

    events: tuple[Planned, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Voided:
    """The record is withdrawn."""

    events: tuple[Planned, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Inserted:
    """The row is older than what stands and enters the history; ``again`` are the later versions, told again after it."""

    events: tuple[Planned, ...]
    entered: State
    again: tuple[State, ...]

    @property
    def state(self) -> State:
        """Return what stands."""
        return self.again[-1]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The row says what is known already."""

    state: State


@dataclass(frozen=True, slots=True)
class Refused:
    """The row cannot be applied. ``rule`` names the entry of the message catalogue."""

    rule: str


Decision = Accepted | Restored | Corrected | Voided | Inserted | Unchanged | Refused


def versions_of(decision: Decision) -> tuple[State, ...]:
    """Return the versions that a decision adds to the record, in order of their sequences."""
    if isinstance(decision, (Refused, Unchanged)):
        return ()
    return (decision.entered, *decision.again) if isinstance(decision, Inserted) else (decision.state,)
