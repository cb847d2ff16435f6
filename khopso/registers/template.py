"""An empty register as a workbook: title, unit, period, columns with their lists, an example row, the signatures.

It prints as the register book does: landscape, one row on one page, the header on every page.
"""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from contracts.forms import Column, Kind, as_listed, example_of
from khopso.failure import Exit, FailureError, writing
from khopso.registers.book import Book, is_wide, widths_of
from khopso.registers.errorbook import put
from khopso.registers.guide_sheet import write_guide, write_lists
from khopso.registers.printing import FACE, set_up_page
from khopso.registers.validation import LAST_ROW, rule_of
from registerfiles.mark import PROPERTY

_UNIT, _TITLE, _PERIOD, _HINT, _HEAD, _NUMBERS, _EXAMPLE = range(1, 8)
"""Rows of the sheet from the top; the rows to fill in begin below the example."""
_FORMATS = {
    Kind.DATE: "dd/mm/yyyy",
    Kind.BIRTH: "dd/mm/yyyy",
    Kind.DATETIME: "dd/mm/yyyy hh:mm",
    Kind.MOMENT: "dd/mm/yyyy",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "General",
}
_THIN = Side(style="thin", color="FF7F7F7F")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", start_color="FFDCE6F1", end_color="FFDCE6F1")
_EXAMPLE_FILL = PatternFill("solid", start_color="FFFFF2CC", end_color="FFFFF2CC")
_LINE_POINTS, _ROW_POINTS = 14.0, 31.0  # a row has room for two lines, as entries of lists are long
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_MIDDLE = Alignment(vertical="center", wrap_text=True)


def write_template(book: Book, path: Path) -> None:
    """Write the workbook of a register; FailureError (exit 2) when it is no .xlsx or cannot be written."""
    if path.suffix.lower() != ".xlsx":
        raise FailureError(Exit.WRONG_USE, "template_kind", suffix=path.suffix or path.name)
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = book.form.name[:31]
    guide = made.create_sheet(book.says("template.guide"))
    places = write_lists(made.create_sheet(book.says("template.lists")), book)
    _title(sheet, book)
    widths = _columns(sheet, book, places)
    last = _EXAMPLE + book.rows
    end = _signatures(sheet, book, last + 2)
    set_up_page(sheet, book, wide=is_wide(widths), repeated=(_HEAD, _NUMBERS), end=end)
    sheet.freeze_panes = f"B{_EXAMPLE}"
    write_guide(guide, book)
    properties: Any = made  # the type stubs do not know custom properties
    properties.custom_doc_props.append(StringProperty(name=PROPERTY, value=book.mark))
    made.properties.title, made.properties.creator = book.title, book.says("workbook.author")
    with writing(path):
        made.save(path)


def _title(sheet: Worksheet, book: Book) -> None:
    width = len(book.form.columns)
    # The mark is a cell of its own at the right edge: it must survive whatever is typed over the unit's name.
    half = max(1, width // 2)
    _span(sheet, _UNIT, 1, half, book.unit_line().upper(), Font(name=FACE, size=12, bold=True), "left")
    mark = book.says("book.mark", mark=book.mark)
    _span(sheet, _UNIT, half + 1, width, mark, Font(name=FACE, size=9, color="FF595959"), "right")
    _span(sheet, _TITLE, 1, width, book.title.upper(), Font(name=FACE, size=16, bold=True), "center")
    _span(sheet, _PERIOD, 1, width, book.period(), Font(name=FACE, size=12, italic=True), "center")
    hint = Font(name=FACE, size=9, italic=True, color="FF595959")
    _span(sheet, _HINT, 1, width, book.says("book.hint"), hint, "left")
    sheet.row_dimensions[_TITLE].height = 28
    sheet.row_dimensions[_PERIOD].height = 20


def _span(
    sheet: Worksheet, row: int, first: int, last: int, text: str, font: Font, horizontal: str
) -> SheetCell:
    """Write a text across columns of a row."""
    if last > first:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    cell: SheetCell = put(sheet.cell(row, first), text)
    cell.font = font
    cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=horizontal != "left")
    return cell


def _columns(sheet: Worksheet, book: Book, places: dict[tuple[str, ...], str]) -> list[float]:
    """Write header, column numbers, example and the rows to fill in; return the widths of the columns."""
    example = example_of(book.form)
    widths = widths_of(book, book.form.columns)
    for index, (column, width) in enumerate(zip(book.form.columns, widths, strict=True), start=1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = width
        _head(sheet, book, column, index)
        shape = _FORMATS.get(column.kind, "@")
        cell = put(
            sheet.cell(_EXAMPLE, index),
            as_listed(column, example[column.id]) if column.id in example else None,
        )
        _fill_in(cell, shape)
        cell.fill, cell.font = _EXAMPLE_FILL, Font(name=FACE, size=11, italic=True, color="FF7F6000")
        for row in range(_EXAMPLE + 1, _EXAMPLE + 1 + book.rows):
            _fill_in(sheet.cell(row, index), shape)
        rule = rule_of(book, column, places)
        if rule is not None:
            rule.add(f"{letter}{_EXAMPLE}:{letter}{LAST_ROW}")
            sheet.add_data_validation(rule)
    mark = Comment(book.says("template.example"), book.says("workbook.author"))
    mark.width, mark.height = 320, 60
    sheet.cell(_EXAMPLE, 1).comment = mark
    sheet.row_dimensions[_HEAD].height = _head_height(book, widths)
    for row in range(_EXAMPLE, _EXAMPLE + 1 + book.rows):
        sheet.row_dimensions[row].height = _ROW_POINTS
    return widths


def _head(sheet: Worksheet, book: Book, column: Column, index: int) -> None:
    head = put(sheet.cell(_HEAD, index), book.head(column))
    head.font = Font(name=FACE, size=10.5, bold=True, color="FFC00000" if column.required else "FF000000")
    head.fill, head.alignment, head.border = _HEAD_FILL, _CENTRE, _BOX
    words = book.words(column)
    needed = f"\n{book.says('template.required')}." if column.required else ""
    text = f"{book.how(column)}.{needed}" + (f"\n{words}" if words else "")
    head.comment = Comment(text, book.says("workbook.author"))
    head.comment.width, head.comment.height = 300, 50 + 16 * ceil(len(text) / 42)
    number = put(sheet.cell(_NUMBERS, index), f"({index})")
    number.font, number.alignment, number.border = Font(name=FACE, size=9, italic=True), _CENTRE, _BOX


def _head_height(book: Book, widths: Sequence[float]) -> float:
    lines = (
        ceil(len(book.head(column)) * 1.25 / width)
        for column, width in zip(book.form.columns, widths, strict=True)
    )
    return max(2, *lines) * _LINE_POINTS + 6


def _fill_in(cell: SheetCell | MergedCell, shape: str) -> None:
    cell.number_format, cell.border = shape, _BOX
    cell.font, cell.alignment = Font(name=FACE, size=11), _MIDDLE if shape == "@" else _CENTRE


def _signatures(sheet: Worksheet, book: Book, row: int) -> int:
    """Write the block of signatures from this row on and return its last row."""
    width = len(book.form.columns)
    third = max(2, width // 3)
    right = width - third + 1
    _span(
        sheet,
        row,
        right,
        width,
        book.says("book.place_and_day"),
        Font(name=FACE, size=11, italic=True),
        "center",
    )
    bold, small = Font(name=FACE, size=12, bold=True), Font(name=FACE, size=10, italic=True)
    for line, (keeper, head, font) in enumerate(
        (
            ("book.keeper", "book.head_of_unit", bold),
            ("book.sign", "book.sign_and_seal", small),
        ),
        start=row + 1,
    ):
        _span(sheet, line, 1, third, book.says(keeper), font, "center")
        _span(sheet, line, right, width, book.says(head), font, "center")
    return row + 6  # room for the signatures, which are written by hand
