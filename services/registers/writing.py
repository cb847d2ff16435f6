"""From decided rows to stored records, history and outbox events."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.envelope import VIETNAM, Snapshot
from contracts.events.common import PersonKeys, Voided
from contracts.forms import Form
from services.chassis.persistence import About, AsyncSession, Origin, OutboxEvent, outbox
from services.chassis.runtime import Clock, NewId
from services.registers import decide as deciding
from services.registers import store
from services.registers.another import Who, is_another, shown_as, who_of
from services.registers.cells import shown
from services.registers.decide import Decision, Entry, Refused, State, Unchanged
from services.registers.events import outbox_events
from services.registers.person import person_keys
from services.registers.reading import is_minor
from services.registers.record_keys import SEPARATOR
from services.registers.register import Register, Subject
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.store import Head, NewRecord, Place, Version

_SLICE = 100
Reads = Callable[[str, bool], bool]
"""Whether the caller reads who the people of a unit are; the second argument: under 18."""
OutcomeName = Literal["accepted", "unchanged", "corrected", "refused"]


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row. A withdrawal counts as corrected; a refused row has its faults."""

    row: int
    outcome: OutcomeName
    record_id: UUID | None = None


class _Known:
    """Who or what the rows of one key are about: the record as stored, and the rows of the batch itself.

    ``conflicts`` is what stood when a row turned out to be about another case or person, by the entry's id.
    """

    def __init__(self, form: Form, vault: Vault, head: Head | None, chain: Sequence[Entry]) -> None:
        self._form, self._vault, self._head = form, vault, head
        self._rows = {entry.digest.identity: entry.row for entry in chain if entry.row is not None}
        self.conflicts: dict[int, Who] = {}

    def is_another(self, state: State, entry: Entry) -> bool:
        """Return whether the entry is plainly about another case or person than the state."""
        if entry.row is None or not self._form.apart:
            return False
        standing = who_of(Row.stored(self._form, {**state.content, **self._identity(state)}))
        found = is_another(self._form, standing, who_of(entry.row))
        if found:
            self.conflicts[id(entry)] = standing
        return found

    def _identity(self, state: State) -> dict[str, Any]:
        row = self._rows.get(state.digest.identity)
        if row is not None:
            return row.identity()
        if self._head is None or self._head.identity is None:
            return {}
        return self._vault.unseal(self._head.record_id, self._head.identity)


@dataclass(slots=True)
class _Thread:
    """The rows of one key in a batch, and the record that they are about. ``was`` is its stored sequence."""

    record_id: UUID
    person_ref: UUID | None
    was: int
    area: str | None
    decisions: list[Decision]
    place: Place
    known: "_Known"
    latest: Version | None = None


@dataclass(slots=True)
class _Writes:
    refs: dict[Place, UUID] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    events: list[OutboxEvent] = field(default_factory=list)


def reads_nobody(_unit: str, _minor: bool) -> bool:
    """Let the caller read nobody's identity."""
    return False


def entry_of(row: Row, vault: Vault) -> Entry:
    """Return a valid row as `decide` sees it."""
    given = row.recorded.at if row.recorded is not None else None
    if row.void:
        # Of a withdrawal only key, unit and record time are read, so that its other cells cannot change anything.
        return Entry(None, {}, vault.digest({}, {}), given, None)
    content = row.content()
    return Entry(row, content, vault.digest(content, row.identity()), given, row.own_day)


class Writer:
    """Decides and writes the valid rows of one batch."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        new_id: NewId,
        clock: Clock,
        origin: Origin,
        subject: str,
        reads: Reads = reads_nobody,
        *,
        replace: bool = False,
    ) -> None:
        self._register = register
        self._reads = reads
        self._replace = replace
        self._form = register.form
        self._vault = vault
        self._new_id = new_id
        self._clock = clock
        self._origin = origin
        self._subject = subject

    async def apply(
        self, session: AsyncSession, entries: Sequence[tuple[Row, Entry]], *, dry_run: bool
    ) -> list[RowOutcome]:
        """Lock, look up, decide, write; return the rows' outcomes in order. With ``dry_run`` neither lock nor write."""
        if not entries:
            return []
        if not dry_run:
            await store.lock(session, self._form.name, {row.unit for row, _ in entries})
        now = self._clock()  # after the lock, so that record times follow the order of the hand-ins
        threads = await self._threads(session, entries, now)
        outcomes: list[RowOutcome] = []
        writes = _Writes()
        await self._refer(session, entries, threads, writes)
        positions: dict[Place, int] = {}
        for index, (row, entry) in enumerate(entries):
            place = (row.unit, row.key)
            thread = threads[place]
            position = positions[place] = positions.get(place, -1) + 1
            outcomes.append(self._settle(row, entry, thread, thread.decisions[position], now, writes))
            # A batch of thousands of rows must not keep other requests waiting until its end.
            if index % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        if not dry_run:
            await self._write(session, threads, writes)
        return outcomes

    async def _threads(
        self, session: AsyncSession, entries: Sequence[tuple[Row, Entry]], now: datetime
    ) -> dict[Place, _Thread]:
        chains: dict[Place, list[Entry]] = {}
        for row, entry in entries:
            chains.setdefault((row.unit, row.key), []).append(entry)
        heads = await store.heads(session, self._form.name, list(chains))
        # Only a key that comes more than once needs its history; for single rows the last hand-in is enough.
        several = [
            heads[place].record_id for place, chain in chains.items() if len(chain) > 1 and place in heads
        ]
        histories = await store.histories(session, several) if several else {}
        threads: dict[Place, _Thread] = {}
        for place, chain in chains.items():
            head = heads.get(place)
            history = [] if head is None else [*histories.get(head.record_id, ()), head.state]
            known = _Known(self._form, self._vault, head, chain)
            decisions = deciding.decide_all(
                self._register,
                history,
                chain,
                now,
                deciding.never_another if self._replace else known.is_another,
            )
            threads[place] = self._thread(place, head, decisions, known)
        return threads

    def _thread(self, place: Place, head: Head | None, decisions: list[Decision], known: "_Known") -> _Thread:
        if head is None:
            return _Thread(self._new_id(), None, 0, None, decisions, place, known)
        return _Thread(
            head.record_id, head.person_ref, head.state.sequence, head.area, decisions, place, known
        )

    async def _refer(
        self,
        session: AsyncSession,
        entries: Sequence[tuple[Row, Entry]],
        threads: dict[Place, _Thread],
        writes: _Writes,
    ) -> None:
        """Give new records of persons their reference: that of their number, or the record's own."""
        if not self._form.identity:
            return
        fresh: dict[Place, Place] = {}
        for row, _ in entries:
            thread = threads[row.unit, row.key]
            if thread.person_ref is not None:
                continue
            # Rows of one number in one unit are one person and share the reference; else each record is its own
            # person.
            if self._form.person_key:
                number = SEPARATOR.join(str(row.values[name]) for name in self._form.person_key)
                fresh[thread.place] = (row.unit, number)
            else:
                thread.person_ref = thread.record_id
        if fresh:
            known = await store.person_refs(session, self._form.name, list(set(fresh.values())))
            for place, person in fresh.items():
                if person not in known:
                    known[person] = writes.refs[person] = self._new_id()
                threads[place].person_ref = known[person]

    def _settle(
        self,
        row: Row,
        entry: Entry,
        thread: _Thread,
        decision: Decision,
        now: datetime,
        writes: _Writes,
    ) -> RowOutcome:
        if isinstance(decision, Refused):
            column = self._key_column()
            number = shown(row.raw.get(column)) or "?"
            # Checked only now, because only the look-up shows whether the record exists.
            standing = thread.known.conflicts.get(id(entry))
            sides = {} if standing is None else self._sides(row, standing)
            row.faults.append(row.fault(column, decision.rule, number=number, **sides))
            return RowOutcome(row.number, "refused")
        if isinstance(decision, Unchanged):
            return RowOutcome(row.number, "unchanged", thread.record_id)
        name: OutcomeName = "accepted" if isinstance(decision, deciding.Accepted) else "corrected"
        state = decision.state
        person: PersonKeys | None = None
        data: Snapshot
        if entry.row is None:
            data = Voided(form=self._form.name, person_ref=thread.person_ref)
        else:
            thread.area = self._area(row)
            if self._form.identity and thread.person_ref is not None:
                person = person_keys(row, thread.person_ref, row.linkage)
            data = self._register.data(row, Subject(thread.record_id, person))
        # Replaced within its own batch: it was never in `record`, but the history must have it.
        if thread.latest is not None:
            writes.versions.append(thread.latest)
        thread.latest = self._version(entry, thread, state, now)
        about = About(str(thread.record_id), self._partition_key(thread), row.unit, thread.area)
        told = outbox_events(
            decision.events, data, about, self._origin, state.sequence, state.recorded_at, self._new_id
        )
        writes.events.extend(told)
        return RowOutcome(row.number, name, thread.record_id)

    def _sides(self, row: Row, standing: Who) -> dict[str, str]:
        """Return what stands under the number and what the row says, the people only to whom may read them."""
        minor = self._form.identity and is_minor(standing, self._clock().astimezone(VIETNAM).date())
        visible = self._reads(row.unit, minor)
        return {
            "standing": shown_as(self._form, standing, identity=visible),
            "given": shown_as(self._form, who_of(row), identity=True),
        }

    def _version(self, entry: Entry, thread: _Thread, state: State, now: datetime) -> Version:
        sealed = None if entry.row is None else self._vault.seal(thread.record_id, entry.row.identity())
        return Version(thread.record_id, state, sealed, thread.area, now, self._subject)

    async def _write(self, session: AsyncSession, threads: dict[Place, _Thread], writes: _Writes) -> None:
        fresh, changed = [], []
        for thread in threads.values():
            if thread.latest is None:
                continue
            if thread.was:
                changed.append((thread.was, thread.latest))
            else:
                unit, key = thread.place
                fresh.append(NewRecord(self._form.name, unit, key, thread.person_ref, thread.latest))
        await store.add_person_refs(session, self._form.name, writes.refs)
        await store.add_records(session, fresh)
        await store.replace_records(session, changed)
        await store.add_versions(session, writes.versions)
        await outbox.append(session, writes.events)

    def _area(self, row: Row) -> str | None:
        return next(iter(row.areas.values()), None)

    def _partition_key(self, thread: _Thread) -> str:
        if self._form.person_key and thread.person_ref is not None:
            # All records of one person in one partition, so that consumers see them in their order.
            return str(thread.person_ref)
        return str(thread.record_id)

    def _key_column(self) -> str:
        return self._form.key[0].split("|", maxsplit=1)[0].split("+", maxsplit=1)[0]
