"""What a row means for its record: pure, without clock, ids, keys or database.

The content of a row is compared by digest; `Vault` makes the digests.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from contracts.envelope import start_of_day
from services.registers.decisions import (
    Accepted,
    Corrected,
    Decision,
    Entry,
    Inserted,
    Planned,
    Refused,
    Restored,
    Unchanged,
    Voided,
    versions_of,
)
from services.registers.older import around, as_handed_in, is_older
from services.registers.register import Milestone, Register
from services.registers.row import Row
from services.registers.states import State

IDENTITY = "identity"
"""Stands for the identity columns among changed columns: their values are not compared, only their digest."""


IsAnother = Callable[[State | None, Entry], bool]
"""Whether the entry is plainly about another case or person than the state; where the record is new or withdrawn (None),
about another person than other records of the number."""


def never_another(_state: State | None, _entry: Entry) -> bool:
    """Let every row of a known number be a correction: the clerk says so, or the form does not tell records apart."""
    return False


def decide(
    register: Register,
    state: State | None,
    entry: Entry,
    now: datetime,
    is_another: IsAnother = never_another,
    earlier: Sequence[State] = (),
) -> Decision:
    """Return what the entry does to the record in this state. ``now`` is the hand-in, the record time of rows without one.

    ``earlier`` are the versions before, which only an entry that is older than the state needs. The same content again
    changes nothing, unless the row gives an earlier record time than the one known so far.
    """
    if state is not None and is_older(entry, state):
        return _insert(register, [*earlier, state], entry, is_another)
    recorded_at = entry.given or now
    if entry.row is None:
        return _withdraw(register, state, entry, recorded_at)
    # Units hand in whole files again and again; only what is new may become an event.
    if state is not None and state.says_the_same(entry.digest, voided=False):
        return Unchanged(state)
    fresh = _milestones(register, entry.row)
    if is_another(None if state is None or state.voided else state, entry):
        return Refused("number_used")
    if state is None or state.voided:
        events = tuple(_planned(milestone) for milestone in fresh)
        entered = Accepted if state is None else Restored
        return entered(events, _next(state, entry, recorded_at, len(events)))
    progress = _progress(register, state, entry, fresh)
    # When anything else changed too, one correction reports all of it: every event has the whole record (ADR 0001).
    events = progress or (_whole(register.corrected, entry.own_day or state.own_day),)
    return Corrected(events, _next(state, entry, recorded_at, len(events)))


def _insert(register: Register, history: Sequence[State], entry: Entry, is_another: IsAnother) -> Decision:
    """Enter a row that is older than the last version into the history."""
    known, after = around(history, entry)
    if known is not None and known.says_the_same(entry.digest, voided=entry.void):
        return Unchanged(history[-1])
    if known is None and entry.void:
        # At its own time there was nothing to withdraw.
        return Refused("void_before")
    beside = known or after[0]
    if not entry.void and not beside.voided and is_another(beside, entry):
        return Refused("number_used")
    assert entry.given is not None, "a row without a record time of its own is not older than anything"
    last = history[-1].sequence
    own_day = entry.own_day or beside.own_day
    entered = State(
        last + 1,
        beside.digest if entry.void else entry.digest,
        beside.content if entry.void else entry.content,
        entry.given,
        entry.given,
        own_day,
        entry.void,
    )
    event = _whole(register.voided if entry.void else register.corrected, own_day)
    again = tuple(replace(state, sequence=last + 1 + step) for step, state in enumerate(after, 1))
    return Inserted((event,), entered, again)


def again_told(register: Register, state: State) -> Planned:
    """Return the event by which a version is told again after an older page."""
    return _whole(register.voided if state.voided else register.corrected, state.own_day)


def decide_all(
    register: Register,
    history: Sequence[State],
    entries: Sequence[Entry],
    now: datetime,
    is_another: IsAnother = never_another,
) -> list[Decision]:
    """Decide the entries of one key in their order, ``history`` being the record's versions so far, oldest first.

    Entries that repeat the end of the history (a file with a row and its correction, handed in again) change
    nothing; the rest is decided one by one. For a single entry that is not older than the last version, that one alone
    is enough history.
    """
    known = list(history)
    decisions = _repeated(register, known, entries, now, is_another) if len(entries) > 1 else []
    for entry in entries[len(decisions) :]:
        decision = _next_decision(register, known, entry, now, is_another)
        known += versions_of(decision)
        decisions.append(decision)
    return decisions


def _next_decision(
    register: Register, known: Sequence[State], entry: Entry, now: datetime, is_another: IsAnother
) -> Decision:
    state = known[-1] if known else None
    return decide(register, state, entry, now, is_another, known[:-1])


def _repeated(
    register: Register,
    versions: Sequence[State],
    entries: Sequence[Entry],
    now: datetime,
    is_another: IsAnother,
) -> list[Decision]:
    """Return the decisions on the first entries where these repeat the last hand-ins of the history; else none."""
    history = as_handed_in(versions)
    # From any place on, since a file mostly repeats the last hand-ins of a record only; but it must reach the end.
    for start in range(len(history)):
        step = start
        decisions: list[Decision] = []
        for entry in entries:
            if _same(history[step], entry):
                step += 1
                decisions.append(Unchanged(versions[-1]))
                if step == len(history):
                    return decisions
                continue
            known = versions[: versions.index(history[step])]
            decision = _next_decision(register, known, entry, now, is_another)
            if not isinstance(decision, (Unchanged, Refused)):
                break
            decisions.append(decision)
    return []


def _same(state: State, entry: Entry) -> bool:
    if state.voided or entry.void:
        # A withdrawal has no content, so its digest says nothing; only the record time distinguishes two of them.
        return state.voided and entry.void and state.given == entry.given
    return state.digest == entry.digest and state.given == entry.given


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
