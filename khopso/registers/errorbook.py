"""The error workbook: the refused rows as they were written, with the faulty cells marked and explained."""

import re
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from khopso.failure import writing
from khopso.language import lines, spoken
from khopso.registers.handin import Outcome, SheetOutcome
from registerfiles.columns import RowFault
from registerfiles.rows import Cell

RED = PatternFill("solid", start_color="FFFF9999", end_color="FFFF9999")
# XML, and so a workbook, cannot contain control characters; Excel would report the file as damaged.
_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_error_book(outcome: Outcome, path: Path) -> None:
    """Write the refused rows to `path`; corrected there, the file can be handed in again as it is.

    FailureError (exit 2) when the file cannot be written.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for part in outcome.sheets:
        if part.refused_rows or len(outcome.sheets) == 1:
            _refused(book.create_sheet((part.name or outcome.form.name)[:31]), part)
    with writing(path):
        book.save(path)


def _refused(sheet: Worksheet, part: SheetOutcome) -> None:
    for index, text in enumerate(part.header):
        put(sheet.cell(1, index + 1), text).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    positions = {column.id: index for index, column in part.matching.columns.items()}
    by_row: dict[int, list[RowFault]] = {}
    for fault in part.faults:
        by_row.setdefault(fault.row, []).append(fault)
    for line, number in enumerate(sorted(part.refused_rows), start=2):
        row = part.refused_rows[number]
        for index, cell in enumerate(row.cells):
            put(sheet.cell(line, index + 1), cell)
        for index, broken in row.faults.items():
            # The formula is written as text: the clerk sees it, and it computes nothing here.
            put(sheet.cell(line, index + 1), broken.text)
        _explain(sheet, line, number, by_row.get(number, []), positions)


def _explain(
    sheet: Worksheet, line: int, number: int, faults: list[RowFault], positions: dict[str, int]
) -> None:
    """Write the faults of a row as comments on its cells; a fault without a column of the file goes to the first cell."""
    texts: dict[int, list[str]] = {}
    for fault in faults:
        value = "" if fault.value is None else f" = {fault.value!s}"
        text = (
            "\n".join(lines(fault.message))
            + f"\n[{fault.field or '*'}{value[:200]}; {fault.rule}; {spoken('cli.row')} {number}]"
        )
        texts.setdefault(positions.get(fault.field, 0), []).append(text)
    for index, parts in texts.items():
        cell = sheet.cell(line, index + 1)
        cell.fill = RED
        comment = Comment(_clean("\n\n".join(parts)), spoken("workbook.author"))
        comment.width, comment.height = 420, 60 + 60 * len(parts)
        cell.comment = comment


def put(cell: SheetCell | Any, value: Cell) -> Any:
    """Write a value into a cell; text that begins with `=` stays text and is never computed."""
    if isinstance(value, str):
        cell.value = _clean(value)
        cell.data_type = "s"
        cell.number_format = "@"
    elif value is not None:
        cell.value = value
    return cell


def _clean(text: str) -> str:
    return _NOT_PRINTABLE.sub("\ufffd", text)
