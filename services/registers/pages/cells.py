"""Cells between pages and the engine: as people type them, as a page fills them in, and as it shows them. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from contracts.forms import Column, Form, Kind, list_entry
from reference import FIGURES, area_book
from services.chassis.web import SentForm, Text
from services.registers.plan import VOID
from services.registers.retyping import as_typed, day_stored, spelt_out
from texts import Message, joined, message, number_message

PREFIX = "c-"
"""Before the id of a column in the name of its input, so that no column is taken for a field of the page itself."""


def input_name(column: str) -> str:
    """Return the name, and id, of a column's input."""
    return PREFIX + column


def typed_in(form: Form, sent: SentForm) -> dict[str, str]:
    """Return what was typed, by column; codes that were ticked are joined as a cell of a file has them."""
    return {
        column.id: spelt_out(column, "; ".join(sent.all(input_name(column.id))))
        for column in form.columns
        if column.id != VOID
    }


def filled(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that are not blank: of a new record, those left blank say nothing."""
    return {name: text for name, text in typed.items() if text.strip()}


def changed(form: Form, typed: Mapping[str, str], stored: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells that were typed otherwise than the page had filled them in; a blank one clears its value."""
    return {
        name: text
        for name, text in typed.items()
        if text.strip() != as_typed(form.by_id[name], stored.get(name)).strip()
    }


def shown(column: Column, value: Any, day: date | None = None) -> Text:
    """Return a stored value as people read it; ``day`` decides which area a code stands for."""
    if value is None or value in ("", [], ()):
        return "–"
    if isinstance(value, list | tuple):
        return joined((_word(column, each) for each in value), "; ")
    if isinstance(value, bool):
        return message("word.yes") if value else message("word.no")
    if column.kind is Kind.INTEGER:
        return number_message(value)
    if column.kind in (Kind.COMMUNE, Kind.AREA):
        return _area(str(value), day)
    if column.kind is Kind.FIGURE and value in FIGURES:
        return Message(FIGURES[value].vi, FIGURES[value].en)
    return _word(column, value) if column.codes is not None else as_typed(column, value)


def label(column: Column) -> Message:
    """Return what a column is called: its heading, in English its id in words."""
    return Message(column.vi, column.id.replace("_", " ").capitalize())


def title(form: Form) -> Message:
    """Return what a form is called."""
    return Message(form.vi, form.en)


def code_word(label_vi: str, code: str) -> Message:
    """Return what a code is called: its Vietnamese label, in English the code itself in words."""
    return Message(label_vi, code.replace("_", " "))


def own_day(form: Form, values: Mapping[str, Any]) -> date | None:
    """Return the record's own date, from stored values; None where it has none."""
    said = next((values[name] for name in form.dated_by if values.get(name)), None)
    return None if said is None else day_stored(str(said))


def _word(column: Column, value: Any) -> Message:
    codes = column.codes or {}
    return code_word(codes[value], value) if value in codes else Message(str(value), str(value))


def _area(code: str, day: date | None) -> Text:
    plain, _, _ = code.partition("@")
    found = area_book().by_uid.get(code) or (None if day is None else area_book().resolve(plain, day))
    return code if found is None else list_entry(found.code, found.name)
