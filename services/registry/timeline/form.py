"""The form ``registry``: rows of a person's timeline, as clerks hand them in and as events contain them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from contracts.events.registry import Presence, RegisterRow, Status
from contracts.forms import FORMS
from services.registers import CellFault, Milestone, Prepare, Register, Row, Subject
from services.registry.timeline.domain import (
    EntryKind,
    Number,
    Statement,
    before_birth,
    entry_kind,
    presence_since,
)

_PREFIX = "registry.record."
_REMOVED = frozenset({"removed_on", "removal_reason"})
_AFTER_BIRTH = ("decision_date", "presence_from", "psychosis_from")


@dataclass(frozen=True, slots=True)
class Entries:
    """What the new entries of a batch report, by unit, record_no and first day. Rows stored already are left out.

    ``repeated`` are those that occur more than once in the batch: the second one is compared with the first as a stored
    row, which does not have its unit.
    """

    fresh: Mapping[tuple[str, str, date], EntryKind] = field(default_factory=dict)
    repeated: Mapping[tuple[str, date], EntryKind] = field(default_factory=dict)

    def kind(self, row: Row) -> EntryKind:
        """Return what the entry of the row reports; for a row that is stored already: ``registered``."""
        key = (row.text("record_no"), row.date("status_from"))
        return self.fresh.get((row.unit, *key)) or self.repeated.get(key) or "registered"


_NONE = Entries()
CURRENT: ContextVar[Entries] = ContextVar("registry_entries", default=_NONE)
"""The entries of the batch that the task works on: `milestones` is given a row alone."""


def statements_of(rows: Sequence[Row]) -> dict[Number, list[Statement]]:
    """Return what the rows of a batch say of each number, in the order of the rows."""
    found: dict[Number, list[Statement]] = {}
    for row in rows:
        if not row.void and row.has("record_no", "status", "status_from"):
            statement = Statement(
                status=row.code("status"),
                status_from=row.date("status_from"),
                presence=row.opt_code("presence"),
                removed_on=row.opt_date("removed_on"),
            )
            found.setdefault((row.unit, row.text("record_no")), []).append(statement)
    return found


def entries_of(
    batch: Mapping[Number, Sequence[Statement]], known: Mapping[Number, Mapping[date, Statement]]
) -> Entries:
    """Return what each new row of a batch reports, given the rows in force of its numbers."""
    fresh: dict[tuple[str, str, date], EntryKind] = {}
    repeated: dict[tuple[str, date], EntryKind] = {}
    for number, said in batch.items():
        before = known.get(number, {})
        statements = {statement.status_from: statement for statement in said}
        times = Counter(statement.status_from for statement in said)
        # Rows of the same batch count too: a file may contain a person's whole timeline, in any order.
        around = ({**before, **statements}).values()
        for day, statement in statements.items():
            if day not in before:
                kind = fresh[*number, day] = entry_kind(statement, around)
                if times[day] > 1:
                    repeated[number[1], day] = kind
    return Entries(fresh, repeated)


def milestones(row: Row) -> list[Milestone]:
    """Return the row's entry, named by what it changes in the timeline, and the removal where there is one."""
    found = [Milestone(f"{_PREFIX}{CURRENT.get().kind(row)}.v1", row.date("status_from"))]
    removed_on = row.opt_date("removed_on")
    if removed_on is not None:
        found.append(Milestone(f"{_PREFIX}removed.v1", removed_on, columns=_REMOVED))
    return found


def not_before_birth(row: Row, _: None) -> Iterator[CellFault]:
    """Yield a fault for each day that is before the person's birth."""
    birth = row.values.get("birth_date")
    if birth is None:
        return
    for column in _AFTER_BIRTH:
        day = row.opt_date(column)
        if day is not None and before_birth(day, birth):
            yield row.fault(column, "order", earlier="birth_date")


def snapshot(row: Row, subject: Subject) -> RegisterRow:
    """Return the row as its event may contain it.

    The number of the decision is left out because it names a file; the event says only whether there is a decision. The
    reason of the removal is left out because it is free text, in which names of persons occur.
    """
    presence = row.opt_code("presence")
    psychosis = row.flag("psychosis")
    return RegisterRow(
        person=subject.who,
        commune=row.area("commune_code"),
        status=cast(Status, row.code("status")),
        status_from=row.date("status_from"),
        status_to=row.opt_date("status_to"),
        has_decision=row.has("decision_no"),
        decision_date=row.opt_date("decision_date"),
        presence=cast(Presence | None, presence),
        presence_from=presence_since(presence, row.opt_date("presence_from"), row.date("status_from")),
        psychosis=psychosis,
        psychosis_from=row.opt_date("psychosis_from") if psychosis else None,
        removed_on=row.opt_date("removed_on"),
    )


def register(prepare: Prepare) -> Register:
    """Return the register; ``prepare`` sets `CURRENT` from the rows that are known of a batch's numbers."""
    return Register(
        form=FORMS["registry"],
        milestones=milestones,
        data=snapshot,
        corrected=f"{_PREFIX}corrected.v1",
        voided=f"{_PREFIX}voided.v1",
        rules=(not_before_birth,),
        prepare=prepare,
    )
