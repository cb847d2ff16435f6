"""Convert a document to plain values (dicts, lists, texts, numbers) for the JSON format and the page template. Pure."""

from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from proof import canonical
from services.reporting.documents.document import Document, Letterhead, MachineCell, Times
from services.reporting.documents.vietnamese import SPACE, day_in_words

_TYPES = {
    "Text": "text",
    "Printed": "number",
    "Heading": "heading",
    "Paragraph": "paragraph",
    "Table": "table",
}


def plain(value: Any) -> Any:
    """Return a part of a document as plain values.

    Whole decimals become integers, days become ISO texts, times become ``as_of`` or ``from`` and ``to``.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Times):
        return when(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        made = {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
        kind = _TYPES.get(type(value).__name__)
        return made if kind is None else {"type": kind} | made
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return value


def without_cells(document: Document) -> Any:
    """Return the document as it is printed: all but the machine cells, which are as many as all of its tables hold."""
    made = plain(replace(document, cells=()))
    del made["cells"]
    return made


def when(times: Times) -> dict[str, str]:
    """Return a day or a period as the figures' answers name it."""
    if times.first is None:
        return {"as_of": times.last.isoformat()}
    return {"from": times.first.isoformat(), "to": times.last.isoformat()}


def machine_cell(cell: MachineCell) -> dict[str, Any]:
    """Return one number, flat."""
    made = {
        "table": cell.table,
        "figure": cell.figure,
        "area": cell.area,
        "by": cell.by,
        "row": cell.row,
        **when(cell.times),
        "value": plain(cell.value),
        "unit": cell.unit,
        "definition": cell.version,
    }
    made |= {"suppressed": True} if cell.suppressed else {}
    return made | ({"remark": cell.remark} if cell.remark else {})


def dateline(letterhead: Letterhead) -> str:
    """Return place and day as they are printed above a document."""
    return f"{letterhead.place}, {day_in_words(letterhead.day)}"


def subject_line(document: Document) -> str:
    """Return the subject as it is printed: the words at its end stay on one line, so that no area's name is torn."""
    words = document.subject.split(" ")
    return " ".join([*words[:-3], SPACE.join(words[-3:])])


def closing_text(document: Document) -> str:
    """Return the reference to the closing as one text, which ``khopso verify`` finds in any format; empty without a closing."""
    return "" if document.closing is None else canonical(document.closing).decode()


def attached(document: Document) -> str:
    """Return the line under the title of an annex."""
    head = document.letterhead
    return f"(Kèm theo Báo cáo số       /{head.symbol} {day_in_words(head.day)} của {document.issuer})"
