"""From what was pasted or dropped to the rows of a preview."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath

from contracts.forms import FORMS, Form
from registerfiles.columns import RowFault
from registerfiles.failure import ContentError
from registerfiles.mark import remembered
from registerfiles.parts import Choices
from registerfiles.pasted import pasted_sheet
from registerfiles.register_file import Reading, read_pasted, read_register
from registerfiles.source import SUFFIXES, open_file
from services.registers.previews.model import Content, PreviewRow, Told
from services.registers.requests import MAX_ROWS

MOST_BYTES = 5_000_000
"""The largest file that a page takes; larger ones are handed in by the command line."""

_MOST_EXPANDED = 60_000_000  # so many rows as a page takes are a fifth of it


def from_text(form: Form, text: str, choices: Choices) -> Content:
    """Return the rows that were pasted.

    Raises:
        ContentError: they cannot be read as rows of the form, or are too many.
    """
    reading, headed = read_pasted(form, pasted_sheet(text), FORMS, choices)
    content = _content(reading)
    content.headed = headed
    return content


def from_file(form: Form, name: str, content: bytes, choices: Choices) -> Content:
    """Return the rows of a file.

    Raises:
        ContentError: it is of another kind, too large, cannot be read as a register of the form, or has too many rows.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise ContentError("file_kind", suffix=suffix or name)
    if len(content) > MOST_BYTES:
        raise ContentError(
            "file_too_large", size=-(-len(content) // 1_000_000), limit=MOST_BYTES // 1_000_000
        )
    if not content:
        raise ContentError("file_empty")
    sheets = open_file(suffix, io.BytesIO(content), _MOST_EXPANDED)
    mark = remembered(io.BytesIO(content), sheets)
    version = mark.version if mark is not None and mark.form == form.name else None
    found = _content(read_register(form, sheets, FORMS, choices, version))
    found.source = name
    return found


def _content(reading: Reading) -> Content:
    if reading.total > MAX_ROWS:
        raise ContentError("rows_too_many", limit=MAX_ROWS)
    rows = list(_rows(reading))
    if not rows:
        raise ContentError("file_no_rows")
    return Content(rows, read_notes=_told(reading.all_notes()))


def _rows(reading: Reading) -> Iterator[PreviewRow]:
    many = len(reading.parts) > 1
    count = 0
    for part in reading.parts:
        for row in part.rows():
            count += 1
            # Rows of two sheets may have one number.
            number = count if many else row.number
            faults = part.faults(row)
            yield PreviewRow(
                number,
                row.number,
                part.sheet.name if many else "",
                part.values(row),
                _told(replace(fault, row=number) for fault in faults),
            )


def _told(faults: Iterable[RowFault]) -> list[Told]:
    return [
        Told(
            fault.row,
            fault.field,
            "" if fault.value is None else str(fault.value),
            fault.rule,
            fault.message.vi,
            fault.message.en,
        )
        for fault in faults
    ]
