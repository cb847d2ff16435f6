"""Lines of lists in words: the records behind them, what stands of them, and who has them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reference import area_book, unit_name
from services.chassis.web import Cell, Kind
from services.reporting.pages import words
from texts import Message, day_written, joined, message, number_message

Json = Mapping[str, Any]
_KINDS: Mapping[str, Kind] = {"done": "good", "disputed": "warning", "assigned": "plain", "open": "plain"}


def area_named(code: str | None) -> str | Message:
    """Return what an area of a code or uid is called, with its code; a dash for none."""
    if code is None:
        return number_message(None)
    book = area_book()
    area = book.by_uid.get(code) or next(iter(book.named(code)[-1:]), None)
    return words.value_name("", "", code) if area is None else f"{area.name} ({area.code})"


def record_names(line: Json) -> Message:
    """Return the records behind a line: unit and commune of each; of another agency's record whose it is."""
    return (
        joined((_record(record) for record in line["records"]), "; ")
        if line["records"]
        else words.both(line["subject"])
    )


def _record(record: Json) -> Message:
    if record["unit"] is None and record["area"] is None:
        codes = (record.get("agency") or "").split(";")
        return joined((message(f"holder.agency.{code}") for code in codes if code), ", ")
    parts = [unit_name(record["unit"])] if record["unit"] else []
    return words.both(", ".join((*parts, *filter(None, [record["area_name"]]))))


def day_text(day: str) -> Message:
    """Return a day of a document as people write it."""
    return words.both(day_written(date.fromisoformat(day)))


def state_cell(mark: Json | None) -> Cell:
    """Return what stands of a line."""
    state = "open" if mark is None else mark["state"]
    return Cell(text=message(f"page.checks.state.{state}"), tag=_KINDS[state])


def whose(mark: Json) -> Message:
    """Return who has a line: a unit by its name, or a person's account; nothing where nobody has it."""
    if mark["to_unit"]:
        return words.both(unit_name(mark["to_unit"]))
    return words.both(mark["to_person"] or "")
