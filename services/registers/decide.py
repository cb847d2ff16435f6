"""What a row means for its record: pure, without clock, ids, keys or database.

The content of a row is compared by digest; `Vault` makes the digests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from contracts.envelope import start_of_day
from services.registers.register import Milestone, Register
from services.registers.row import Row

IDENTITY = "identity"
"""Stands for the identity columns among changed columns: their values are not compared, only their digest."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Keyed digests of the canonical content and identity of a row."""

    content: bytes
    identity: bytes

    @property
    def joined(self) -> bytes:
        """Return the digest as stored: content, then identity, 16 bytes each."""
        return self.content + self.identity

    @classmethod
    def split(cls, joined: bytes) -> "Digest":
        """Return the reverse of `joined`."""
        return cls(joined[:16], joined[16:])


@dataclass(frozen=True, slots=True)
class State:
    """The present state of a record: its last hand-in. ``given`` is the record time that its row named, if any."""

    sequence: int
    digest: Digest
    content: Mapping[str, Any]
    recorded_at: datetime
    given: datetime | None
    own_day: date
    voided: bool


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
    """The record is entered, for the first time or again after a withdrawal."""

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
class Unchanged:
    """The row says what is known already."""

    state: State


@dataclass(frozen=True, slots=True)
class Refused:
    """The row cannot be applied. ``rule`` names the entry of the message catalogue."""

    rule: str


IsAnother = Callable[[State, Entry], bool]
"""Whether the entry is plainly about another case or person than the state."""


def never_another(_state: State, _entry: Entry) -> bool:
    """Let every row of a known number be a correction: the clerk says so, or the form does not tell records apart."""
    return False


Decision = Accepted | Corrected | Voided | Unchanged | Refused


def decide(
    register: Register,
    state: State | None,
    entry: Entry,
    now: datetime,
    is_another: IsAnother = never_another,
) -> Decision:
    """Return what the entry does to the record in this state. ``now`` is the hand-in, the record time of rows without one.

    The same content again changes nothing, unless the row gives an earlier record time than the one known so far.
    """
    recorded_at = entry.given or now
    if entry.row is None:
        return _withdraw(register, state, entry, recorded_at)
    # Units hand in whole files again and again; only what is new may become an event.
    if state is not None and _nothing_new(state, entry):
        return Unchanged(state)
    fresh = _milestones(register, entry.row)
    if state is None or state.voided:
        events = tuple(_planned(milestone) for milestone in fresh)
        return Accepted(events, _next(state, entry, recorded_at, len(events)))
    if is_another(state, entry):
        return Refused("number_used")
    progress = _progress(register, state, entry, fresh)
    # When anything else changed too, one correction reports all of it: every event has the whole record (ADR 0001).
    events = progress or (_whole(register.corrected, entry.own_day or state.own_day),)
    return Corrected(events, _next(state, entry, recorded_at, len(events)))


def decide_all(
    register: Register,
    history: Sequence[State],
    entries: Sequence[Entry],
    now: datetime,
    is_another: IsAnother = never_another,
) -> list[Decision]:
    """Decide the entries of one key in their order, ``history`` being the record's hand-ins so far, oldest first.

    Entries that repeat the end of the history (a file with a row and its correction, handed in again) change
    nothing; the rest is decided one by one. For a single entry the last hand-in alone is enough history.
    """
    state = history[-1] if history else None
    decisions = _repeated(register, history, entries, now, is_another) if len(entries) > 1 else []
    for entry in entries[len(decisions) :]:
        decision = decide(register, state, entry, now, is_another)
        if not isinstance(decision, Refused):
            state = decision.state
        decisions.append(decision)
    return decisions


def _repeated(
    register: Register,
    history: Sequence[State],
    entries: Sequence[Entry],
    now: datetime,
    is_another: IsAnother,
) -> list[Decision]:
    """Return the decisions on the first entries where these repeat the last hand-ins of the history; else none."""
    for start in range(len(history)):
        state, step = history[start - 1] if start else None, start
        decisions: list[Decision] = []
        for entry in entries:
            if _same(history[step], entry):
                state, step = history[step], step + 1
                decisions.append(Unchanged(history[-1]))
                if step == len(history):
                    return decisions
                continue
            decision = decide(register, state, entry, now, is_another)
            if not isinstance(decision, (Unchanged, Refused)):
                break
            decisions.append(decision)
    return []


def _same(state: State, entry: Entry) -> bool:
    if state.voided or entry.void:
        # A withdrawal has no content, so its digest says nothing; only the record time distinguishes two of them.
        return state.voided and entry.void and state.given == entry.given
    return state.digest == entry.digest and state.given == entry.given


def _nothing_new(state: State, entry: Entry) -> bool:
    if state.voided or state.digest != entry.digest:
        return False
    # An earlier record time is a change: figures asked with an earlier `known_at` then have to include the row.
    return entry.given is None or entry.given >= state.recorded_at


def _withdraw(register: Register, state: State | None, entry: Entry, recorded_at: datetime) -> Decision:
    if state is None:
        return Refused("void_unknown")
    if state.voided:
        return Unchanged(state)
    event = _whole(register.voided, state.own_day)
    following = replace(
        state,
        sequence=state.sequence + 1,
        recorded_at=recorded_at,
        given=entry.given,
        voided=True,
    )
    return Voided((event,), following)


def _milestones(register: Register, row: Row) -> Sequence[Milestone]:
    found = register.milestones(row)
    if not found:
        raise ValueError(f"{register.form.name}: a row must report at least its entry")
    return found


def _progress(
    register: Register, state: State, entry: Entry, fresh: Sequence[Milestone]
) -> tuple[Planned, ...]:
    """Return the events of the milestones reached; none unless the columns that report them alone changed."""
    changed = {
        name
        for name in state.content.keys() | entry.content.keys()
        if state.content.get(name) != entry.content.get(name)
    }
    # Identity is stored encrypted, so single columns cannot be compared; any change of it makes this a correction.
    if state.digest.identity != entry.digest.identity:
        changed.add(IDENTITY)
    before = set(register.milestones(Row.stored(register.form, state.content))[1:])
    reached = [milestone for milestone in fresh[1:] if milestone not in before]
    telling = frozenset[str]().union(*(milestone.columns for milestone in reached))
    if not changed or not changed <= telling:
        return ()
    for name in changed - register.moving:
        # A value that replaces another one is a correction, even in a column that reports a milestone.
        if state.content.get(name) not in (None, False, []):
            return ()
    return tuple(_planned(milestone) for milestone in reached)


def _planned(milestone: Milestone) -> Planned:
    return Planned(milestone.type, milestone.on, milestone.at or start_of_day(milestone.on))


def _whole(event_type: str, day: date) -> Planned:
    return Planned(event_type, day, start_of_day(day))


def _next(state: State | None, entry: Entry, recorded_at: datetime, events: int) -> State:
    assert entry.own_day is not None, "a valid row has its own date"
    return State(
        sequence=(0 if state is None else state.sequence) + events,
        digest=entry.digest,
        content=entry.content,
        recorded_at=recorded_at,
        given=entry.given,
        own_day=entry.own_day,
        voided=False,
    )
