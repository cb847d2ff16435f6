"""What the answer and the bus are told of decided rows: outcomes, changes, faults of numbers in use, events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.envelope import VIETNAM, Snapshot
from contracts.events.common import PersonKeys, Voided
from services.chassis.persistence import About, Origin, OutboxEvent
from services.chassis.runtime import NewId
from services.registers import decide as deciding
from services.registers.another import Who, shown_as, who_of
from services.registers.cells import shown
from services.registers.changes import Change, changes, withdrawal
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
)
from services.registers.decisions import Voided as Withdrawn
from services.registers.events import outbox_events
from services.registers.person import person_keys
from services.registers.plan import RECORDED
from services.registers.reading import is_minor
from services.registers.register import Register, Subject
from services.registers.row import CellFault, Row
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.states import State
from services.registers.store import Place, Version
from services.registers.threads import Thread
from services.registers.withdrawal_notes import sealed_note

OutcomeName = Literal["accepted", "unchanged", "corrected", "withdrawn", "restored", "refused"]


_NAMES: Mapping[type[Decision], OutcomeName] = {
    Accepted: "accepted",
    Restored: "restored",
    Corrected: "corrected",
    Withdrawn: "withdrawn",
    Inserted: "corrected",
}


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row; a refused row has its faults. ``restored``: entered again after a withdrawal.

    An older page, which enters the history alone, is ``corrected`` with a note.
    """

    row: int
    outcome: OutcomeName
    record_id: UUID | None = None
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class Writes:
    """What a batch is going to store: references of new numbers, versions replaced within the batch, events, reasons of withdrawals."""

    refs: dict[Place, UUID] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    events: list[OutboxEvent] = field(default_factory=list)
    reasons: list[tuple[UUID, int, str, bytes | None]] = field(default_factory=list)


class OutcomeWriter:
    """Tells what became of each decided row, and adds to `Writes` what is to be stored of it."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        new_id: NewId,
        origin: Origin,
        subject: str,
        sight: Sight,
        *,
        show_changes: bool,
        reason: str = "",
        note: str = "",
    ) -> None:
        self._register = register
        self._form = register.form
        self._vault = vault
        self._new_id = new_id
        self._origin = origin
        self._subject = subject
        self._sight = sight
        self._show_changes = show_changes
        self._reason = reason
        self._note = note

    def settle(
        self,
        row: Row,
        entry: Entry,
        thread: Thread,
        decision: Decision,
        now: datetime,
        writes: Writes,
    ) -> RowOutcome:
        if isinstance(decision, Refused):
            self._refuse(row, entry, thread, decision.rule)
            return RowOutcome(row.number, "refused")
        if isinstance(decision, Unchanged):
            self._sight.confirm(row, thread.record_id, thread.person_ref)
            return RowOutcome(row.number, "unchanged", thread.record_id)
        handed_in = (now, self._subject)
        if isinstance(decision, Inserted):
            self._write(thread, entry.row, decision.entered, decision.events, handed_in, writes)
            for state in decision.again:
                said = thread.again.get(state.sequence)
                event = deciding.again_told(self._register, state)
                self._write(thread, said, state, (event,), thread.known.handed_in(state) or handed_in, writes)
            row.notes.append(self._older(row, decision))
        else:
            self._write(thread, entry.row, decision.state, decision.events, handed_in, writes)
        changed = tuple(self._changes(row, thread, decision)) if self._show_changes else ()
        if isinstance(decision, Corrected):
            row.notes += self._corrects(row, entry, thread)
        thread.standing, thread.row = decision.state, row.number
        return RowOutcome(row.number, _NAMES[type(decision)], thread.record_id, changed)

    def _refuse(self, row: Row, entry: Entry, thread: Thread, rule: str) -> None:
        """Add the fault, only now because only the look-up shows whether the record exists."""
        column = self._key_column()
        number = shown(row.raw.get(column)) or "?"
        standing = thread.known.conflicts.get(id(entry))
        sides = {} if standing is None else self._sides(row, thread, standing)
        field = RECORDED if rule == "void_before" else column
        fault = row.fault(field, rule, number=number, **sides)
        row.faults.append(replace(fault, sides=(sides["standing"], sides["given"])) if sides else fault)

    def _write(
        self,
        thread: Thread,
        said: Row | None,
        state: State,
        events: Sequence[Planned],
        handed_in: tuple[datetime, str],
        writes: Writes,
    ) -> None:
        """Write a version of the record and tell it; ``said`` is the row that it is from, None for a withdrawal."""
        if thread.hidden:
            # Only in a dry run: the row was judged without the person, of whom the event would tell.
            return
        sealed: bytes | None = None
        data: Snapshot = Voided(
            form=self._form.name,
            person_ref=thread.person_ref,
            **({"reason": self._reason} if self._reason else {}),
        )
        if said is None and self._reason:
            note = sealed_note(self._vault, thread.record_id, self._note)
            writes.reasons.append((thread.record_id, state.sequence, self._reason, note))
        if said is not None:
            thread.area = self._area(said)
            person: PersonKeys | None = None
            if self._form.identity and thread.person_ref is not None:
                person = person_keys(said, thread.person_ref, said.linkage)
            data = self._register.data(said, Subject(thread.record_id, person))
            identity = said.identity()
            sealed = self._vault.seal(thread.record_id, identity)
            thread.tokens |= self._vault.blind.tokens(identity)
        # Replaced within its own batch: it was never in `record`, but the history must have it.
        if thread.latest is not None:
            writes.versions.append(thread.latest)
        thread.latest = Version(thread.record_id, state, sealed, thread.area, *handed_in)
        about = About(str(thread.record_id), self._partition_key(thread), thread.place[0], thread.area)
        writes.events.extend(
            outbox_events(events, data, about, self._origin, state.sequence, state.recorded_at, self._new_id)
        )

    def _older(self, row: Row, decision: Inserted) -> CellFault:
        days = [
            f"{state.recorded_at.astimezone(VIETNAM):%d/%m/%Y}"
            for state in (decision.entered, decision.state)
        ]
        return row.fault(RECORDED, "older_page", recorded=days[0], standing=days[1])

    def _corrects(self, row: Row, entry: Entry, thread: Thread) -> Iterator[CellFault]:
        """Yield a note where a correction may be about something else: of a row of its own file, or of nearly everything."""
        column = self._key_column()
        number = shown(row.raw.get(column)) or "?"
        if thread.row is not None:
            yield row.fault(column, "corrects_row", number=number, row=thread.row)
        standing = thread.known.doubts.get(id(entry))
        if standing is None:
            return
        sides = self._sides(row, thread, standing)
        # To whom may not read the person it would tell that a guess at name and birth date is wrong.
        if not self._form.identity or self._reads(row, thread, standing):
            yield row.fault(column, "perhaps_another", number=number, **sides)

    def _reads(self, row: Row, thread: Thread, standing: Who) -> bool:
        minor = thread.minor or is_minor(standing, self._sight.rights.day)
        return "identity" in self._sight.sees(row.unit, minor=minor)

    def _changes(self, row: Row, thread: Thread, decision: Decision) -> Iterator[Change]:
        """Yield old and new values; a first hand-in has no old ones, and an older page changes nothing that stands."""
        before = thread.standing
        if before is None or isinstance(decision, (Inserted, Refused, Unchanged)):
            return
        old, new = thread.known.said(before), thread.known.said(decision.state)
        sees = self._sight.sees(row.unit, minor=thread.minor)
        if before.voided != decision.state.voided:
            yield from withdrawal(row.number, withdrawn=decision.state.voided, sees=sees)
        yield from changes(self._form, row.number, old, new, sees)

    def _sides(self, row: Row, thread: Thread, standing: Who) -> dict[str, str]:
        """Return what stands under the number and what the row says, the people only to whom may read them."""
        visible = self._reads(row, thread, standing)
        return {
            "standing": shown_as(self._form, standing, identity=visible),
            "given": shown_as(self._form, who_of(row), identity=True),
        }

    def _area(self, row: Row) -> str | None:
        return next(iter(row.areas.values()), None)

    def _partition_key(self, thread: Thread) -> str:
        if self._form.person_key and thread.person_ref is not None:
            # All records of one person in one partition, so that consumers see them in their order.
            return str(thread.person_ref)
        return str(thread.record_id)

    def _key_column(self) -> str:
        return self._form.key[0].split("|", maxsplit=1)[0].split("+", maxsplit=1)[0]
