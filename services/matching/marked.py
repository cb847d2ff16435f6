"""Marks on what a match finds: which line an item is, what stands of it, and who may mark it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from contracts.forms import Form
from services.chassis.persistence import AsyncSession, raw
from services.chassis.problems import Fault, Problem
from services.chassis.security import Principal, Refused, Role, Target, may
from services.marks import (
    Line,
    MarkedLines,
    MarkedList,
    Marking,
    Notes,
    is_wanted,
    mark_document,
    marks_of,
    standing_of,
)
from services.matching.model import Item, Kind
from services.registers import Rights

MATCH_LIST = "match_list"
KINDS: tuple[Kind, ...] = get_args(Kind)
_READERS: tuple[Role, ...] = ("clerk", "official")
NO_LINE: Mapping[str, Any] = {"line": None, "mark": None, "mine": False}
"""What is said of an item that cannot be marked."""


def marked_list(form: Form) -> MarkedList:
    """Return the list that marks on matches with a form are of."""
    return MarkedList("match", form.name)


def line_of(item: Item) -> str | None:
    """Return how marks name an item: by what was found, and the record; None where the register has no record of it.

    Example: ``different.0190…``. The row of the list is no part of it: the next list has other rows.
    """
    return None if item.ours is None else f"{item.kind}.{item.ours.record}"


@dataclass(frozen=True, slots=True)
class MarkedItems:
    """The marks on matches with a form, and their notes, for one caller: those of the agency that keeps a record."""

    rights: Rights
    caller: Principal
    marked: MarkedLines
    texts: Mapping[UUID, str]

    @classmethod
    async def of(
        cls,
        session: AsyncSession,
        rights: Rights,
        caller: Principal,
        form: Form,
        notes: Notes,
        items: Sequence[Item],
    ) -> "MarkedItems":
        """Return those on the items of a match."""
        connection = await raw(session)
        marked = await marks_of(connection, marked_list(form), None)
        lines = {line for item in items if (line := line_of(item)) is not None}
        wanted = [mark for mark in marked.marks if mark.subject in lines]
        return cls(rights, caller, marked, await notes.read(connection, wanted))

    def document(self, item: Item) -> dict[str, Any]:
        """Return the line of an item, what stands of it, and whether it is the caller's to work on."""
        line = line_of(item)
        if line is None or not is_kept_by(self.rights, item.unit):
            return dict(NO_LINE)
        marks = self.marked.on(line, ())
        mine = is_wanted(standing_of(marks), "mine", self.caller.unit, self.caller.subject)
        return {"line": line, "mark": mark_document(marks, self.texts, found=True), "mine": mine}


def is_kept_by(rights: Rights, unit: str) -> bool:
    """Return whether a unit's records are those of the caller's own agency: only there are marks made and shown."""
    return bool(rights.actor.unit.agencies & rights.units.keeping(unit, rights.day).agencies)


def check_may_mark(rights: Rights, form: Form) -> None:
    """Refuse (Problem 403) whoever may match no lists: what nobody is shown, nobody marks."""
    own = rights.actor.unit
    decision = may(rights.actor, MATCH_LIST, Target(form.name, own, owners=own.agencies), rights.day)
    if isinstance(decision, Refused):
        raise Problem.refused(decision)


async def find_line(session: AsyncSession, rights: Rights, form: Form, given: Marking) -> Line:
    """Return the line of a record that a match can show the caller.

    Raises:
        Problem: 404 where there is no such record, or the caller may not know of it; 422 for a unit that may not.
    """
    kind, _, text = given.subject.partition(".")
    record = _uuid(text)
    if kind in KINDS and record is not None:
        cursor = await (await raw(session)).execute(
            "SELECT unit, area FROM record WHERE form = %s AND record_id = %s", (form.name, record)
        )
        for unit, area in await cursor.fetchall():
            if is_kept_by(rights, unit) and rights.knows(form.name, unit):
                _check_unit(rights, form, unit, given.to_unit)
                areas = frozenset(() if area is None else (area,))
                return Line(given.subject, frozenset({record}), areas)
    raise Problem.not_found("match_line_unknown")


def _check_unit(rights: Rights, form: Form, unit: str, receiver: str | None) -> None:
    """Refuse a line that is given to a unit that may not know of the record: it could do nothing about it."""
    if receiver is None:
        return
    if not rights.units.keeping(unit, rights.day).agencies & rights.units.on(receiver, rights.day).agencies:
        raise Problem.invalid([Fault.of("to_unit", receiver, "mark_unit_of_others")])
    people = (Principal(receiver, "", role, "") for role in _READERS)
    if not any(Rights.of(who, rights.units, rights.day).knows(form.name, unit) for who in people):
        raise Problem.invalid([Fault.of("to_unit", receiver, "mark_unit_of_elsewhere")])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
