"""Mending rows of a preview in place: the inputs of a row, and what was typed into them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from contracts.forms import Column, Form, Kind
from services.chassis.web import SentForm
from services.registers.pages import fields
from services.registers.pages.cells import PREFIX
from services.registers.pages.models import EntryField
from services.registers.plan import VOID
from services.registers.previews.model import Content, PreviewRow, Told
from services.registers.retyping import spelt_out
from services.registers.row import CellFault

_ISO = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})( .+)?")
_DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.MOMENT, Kind.BIRTH})
LEAVE, TAKE, SEEN = "leave", "take", "seen"
"""Ticked for a row: to leave it out, to take it in again, and that its cells are right as they stand on the page."""


def input_of(row: int, column: str) -> str:
    """Return the name, and id, of the input for one cell."""
    return f"m{row}-{column}"


def written(column: Column, value: Any) -> str:
    """Return a cell of a file as a page fills it in."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    text = str(value)
    if column.kind in _DAYS and (found := _ISO.fullmatch(text)):
        return f"{found[3]}/{found[2]}/{found[1]}{found[4] or ''}"
    return text


def filled_in(column: Column, value: Any) -> str:
    """Return what an input holds before anybody types; a choice that the list has not is left open."""
    text = written(column, value)
    if column.kind is not Kind.CODE:
        return text
    plain = text.strip().casefold()
    return next(
        (code for code, name in (column.codes or {}).items() if plain in (code.casefold(), name.casefold())),
        "",
    )


def inputs_of(form: Form, row: PreviewRow, day: date) -> tuple[EntryField, ...]:
    """Return the inputs of a row, in the form's order, each with what is wrong with its cell."""
    typed = {column.id: filled_in(column, row.values.get(column.id)) for column in form.columns}
    faults = [_cell_fault(fault) for fault in row.all_faults]
    drawn = (
        *fields.record_fields(form, typed, faults, {}, day),
        *fields.book_fields(form, typed, faults, day),
    )
    void = form.by_id.get(VOID)
    if void is not None and row.values.get(VOID) is not None:
        drawn += (fields.input_for(void, typed, faults, day),)
    return tuple(_named(row.number, form, each) for each in drawn)


def take_typed(form: Form, content: Content, sent: SentForm) -> None:
    """Put into the rows what was typed for them, and leave out or take in again those that are ticked."""
    leave, take, seen = (set(sent.all(name)) for name in (LEAVE, TAKE, SEEN))
    for row in content.rows:
        number = str(row.number)
        if number in leave:
            row.left_out = True
        elif number in take:
            row.left_out = False
        changed = _type_in(form, row, sent)
        if number in seen:
            row.unread = []
        else:
            row.unread = [fault for fault in row.unread if fault.field not in changed]


def _type_in(form: Form, row: PreviewRow, sent: SentForm) -> set[str]:
    """Put the typed cells into the row; return the columns that were changed."""
    changed = set()
    for column in form.columns:
        name = input_of(row.number, column.id)
        if not sent.all(name):
            continue
        text = sent.one(name).strip()
        if text != filled_in(column, row.values.get(column.id)).strip():
            row.values[column.id] = spelt_out(column, text) or None
            changed.add(column.id)
    return changed


def _cell_fault(told: Told) -> CellFault:
    return CellFault(told.row, told.field, told.value, told.rule, told.message, told.sides)


def _named(row: int, form: Form, drawn: EntryField) -> EntryField:
    column = form.by_id[drawn.name.removeprefix(PREFIX)]
    listed = column.kind is Kind.CODE
    # Of hundreds of inputs each with a list of all communes, the lists would be nearly the whole page.
    return replace(
        drawn,
        name=input_of(row, column.id),
        control=drawn.control if listed or column.kind in (Kind.DATE, Kind.BIRTH) else "text",
        options=drawn.options if listed else (),
        choices=(),
        of_a_day=False,
    )


def without_column(faults: Sequence[Told], form: Form) -> list[Told]:
    """Return the faults that are of no column of the form, but of the row as a whole."""
    return [fault for fault in faults if fault.field not in form.by_id]
