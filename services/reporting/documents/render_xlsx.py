"""A report as a workbook: real numbers, formulas for totals with their values, filters, print set-up.

One sheet per table, before them the report's front page with its text, behind them the definitions and where the
numbers come from. Protected numbers are texts (``*``), and a column that holds one has no formula.
"""

import io
import re
from datetime import UTC, datetime, time
from decimal import Decimal
from math import ceil
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from services.reporting.documents.document import (
    Cell,
    Column,
    Document,
    Formula,
    Heading,
    Paragraph,
    Row,
    Table,
)
from services.reporting.documents.layout import length
from services.reporting.documents.plain import attached, closing_text, dateline, plain
from services.reporting.documents.vietnamese import times

_FONT = "Times New Roman"
_HEAD_ROW = 3  # of a table's sheet: title, remark, an empty row, then the head
_BODY_ROW = 5  # the head, then the codes
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_WIDTHS = {"index": 6, "label": 34, "code": 44, "text": 18, "number": 15, "percent": 11, "change": 12}
_VIETNAM = "[$-42A]"  # separators as in Việt Nam, where the program lets a format choose them
_COUNT, _SHARE, _MOVED = "#,##0", "#,##0.0", '+#,##0;"\u2212"#,##0;0'
_COUNT_PARTS, _MOVED_PARTS = "#,##0.00", '+#,##0.00;"\u2212"#,##0.00;0'
_FRONT = 52  # characters: each of the two columns of the front page
_LINE = 16  # points: the height of a line of 12 points


def render(document: Document) -> bytes:
    """Return the bytes of the workbook; the same document gives the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False})
    # The day of the document, not of the run: the same report must give the same bytes.
    created = datetime.combine(document.letterhead.day, time(), UTC).replace(tzinfo=None)
    book.set_properties(
        {
            "title": document.title[:255],
            "author": document.issuer,
            "company": document.issuer,
            "created": created,
            "language": "vi-VN",
        }
    )
    formats = _Formats(book)
    _front(book, formats, document)
    for table in document.tables():
        _sheet(book, formats, document, table)
    _provenance(book, formats, document)
    book.close()
    return out.getvalue()


class _Formats:
    """Cell formats by name, made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **given: Any) -> Any:
        key = tuple(sorted(given.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": _FONT, "font_size": 12, "valign": "vcenter", **given}
            )
        return self._made[key]


def _front(book: Any, formats: _Formats, document: Document) -> None:
    sheet = book.add_worksheet("Báo cáo")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 1, _FRONT)
    head = document.letterhead
    centre = formats(align="center", text_wrap=True)
    plain_font, bold_font = formats(), formats(bold=True)
    superior = "".join(f"{one}\n" for one in head.superior)
    sheet.write_rich_string(0, 0, plain_font, superior, bold_font, "\n".join(head.body), centre)
    motto = formats(bold=True, font_size=13, underline=1)
    country = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
    sheet.write_rich_string(0, 1, bold_font, country, motto, "Độc lập - Tự do - Hạnh phúc", centre)
    sheet.set_row(0, _LINE * (len(head.superior) + len(head.body)) + 2)
    sheet.write(1, 0, f"Số:          /{head.symbol}", centre)
    sheet.write(1, 1, dateline(head), formats(align="center", italic=True, font_size=13))
    sheet.merge_range(3, 0, 3, 1, document.kind, formats(align="center", bold=True, font_size=14))
    sheet.merge_range(
        4, 0, 4, 1, document.subject, formats(align="center", bold=True, text_wrap=True, font_size=14)
    )
    sheet.set_row(4, _height(document.subject, 2 * _FRONT, 14))
    row = 6
    for block in (*document.opening, *document.body):
        if isinstance(block, Table):
            continue
        if isinstance(block, Heading):
            said = f"{block.label} {block.text}"
            style = formats(bold=True, text_wrap=True, indent=block.level - 1)
        else:
            said = _words(block)
            style = formats(text_wrap=True, align="justify", valign="top")
        sheet.merge_range(row, 0, row, 1, said, style)
        sheet.set_row(row, _height(said, 2 * _FRONT) + 3)
        row += 1
    signature = document.signature
    recipients = "".join(f"\n{one}" for one in signature.listed())
    sheet.write_rich_string(
        row + 1,
        0,
        formats(bold=True, italic=True),
        "Nơi nhận:",
        formats(font_size=11),
        recipients,
        formats(text_wrap=True, valign="top"),
    )
    signed = "\n".join((*((signature.signed_for,) if signature.signed_for else ()), *signature.offices))
    sheet.write(
        row + 1, 1, signed, formats(bold=True, align="center", text_wrap=True, valign="top", font_size=13)
    )
    sheet.set_row(row + 1, max(6 * _LINE, _height(f"Nơi nhận:{recipients}", _FRONT)))
    _print_set_up(sheet, document, wide=False)


def _height(text: str, width: float, size: float = 12) -> float:
    """Return the height in points of a text in a column of ``width`` characters, as not all programs fit rows."""
    room = width * 1.85 - 1  # millimetres
    lines = sum(max(1, ceil(0.95 * length(line, size) / room)) for line in text.split("\n"))
    return lines * _LINE * size / 12


def _words(paragraph: Paragraph) -> str:
    """Return the text of a paragraph without marks, which are in the tables."""
    said = "".join(run.text if hasattr(run, "text") else run.shown for run in paragraph.runs)
    return f"- {said}" if paragraph.kind != "body" else said


def _sheet(book: Any, formats: _Formats, document: Document, table: Table) -> None:
    sheet = book.add_worksheet(_sheet_name(table))
    title = f"Bảng {table.number}. {table.title}" if table.number else table.title
    sheet.write(0, 0, title, formats(bold=True, font_size=13))
    sheet.write(1, 0, attached(document), formats(italic=True, font_size=11))
    coded = table.by == "figure"
    widths = [_WIDTHS[column.kind] for column in table.columns] + [_WIDTHS["code"]] * coded
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    _head(sheet, formats, document, table, widths)
    parts = _with_parts(table)
    for at, row in enumerate(table.rows):
        for place, cell in enumerate(row.cells):
            style = _style(formats, table.columns[place], row, cell, parts=place in parts)
            _write(sheet, _BODY_ROW + at, place, cell, style)
        if coded:
            sheet.write(_BODY_ROW + at, len(table.columns), row.key, _boxed(formats))
        said = [cell.shown for cell in row.cells]
        height = max(_height(text, width) for text, width in zip(said, widths, strict=False))
        if height > _LINE:
            sheet.set_row(_BODY_ROW + at, height)
    last = _BODY_ROW + len(table.rows) - 1
    # Totals are outside the filter: sorting would mix them with the rows that they add up.
    data_end = last - sum(row.kind in ("total", "overlap") for row in table.rows)
    if data_end >= _BODY_ROW:
        sheet.autofilter(_BODY_ROW - 1, 0, data_end, len(widths) - 1)
    for at, remark in enumerate(table.remarks, last + 2):
        style = formats(italic=True, font_size=11, text_wrap=True, valign="top")
        sheet.merge_range(at, 0, at, len(widths) - 1, remark, style)
        sheet.set_row(at, _height(remark, sum(widths), 11))
    sheet.freeze_panes(_BODY_ROW, 2)
    sheet.repeat_rows(_HEAD_ROW, _HEAD_ROW + 1)
    _print_set_up(sheet, document, wide=sum(widths) > 110)


def _head(sheet: Any, formats: _Formats, document: Document, table: Table, widths: list[int]) -> None:
    """Write the columns' titles, and below each the code and the time of its numbers."""
    marks = {note.number: note for note in document.notes}
    titles = [column.title for column in table.columns]
    codes = []
    for column in table.columns:
        note = marks.get(column.note or 0)
        code = "" if note is None else f"({note.number}) {note.figure}\n{times(note.times)}"
        codes.append("mã số liệu ở cột cuối" if table.by == "figure" and column.kind == "label" else code)
    if table.by == "figure":
        titles, codes = [*titles, "Mã số liệu"], [*codes, ""]
    small = formats(border=1, italic=True, font_size=9, text_wrap=True, align="center")
    for at, (title, code) in enumerate(zip(titles, codes, strict=True)):
        sheet.write(_HEAD_ROW, at, title, _boxed(formats, bold=True, centred=True))
        sheet.write(_HEAD_ROW + 1, at, code, small)
    sheet.set_row(
        _HEAD_ROW, max(48, *(_height(text, width) for text, width in zip(titles, widths, strict=True)))
    )
    # Codes have no blanks at which lines can break, so there is room for one more line.
    height = max(
        _height(f"{text}\n" if text else "", width, 9) for text, width in zip(codes, widths, strict=True)
    )
    sheet.set_row(_HEAD_ROW + 1, height if any(column.note for column in table.columns) else 15)


def _sheet_name(table: Table) -> str:
    """Return the name of the table's sheet: at most 31 characters, unique by the table's number."""
    if table.key == "definitions":
        return "Định nghĩa"
    name = _SHEET_NAME.sub(" ", f"{table.number}. {table.title}" if table.number else table.title)
    return name if len(name) <= 31 else name[:32].rsplit(" ", 1)[0]


def _boxed(formats: _Formats, *, bold: bool = False, centred: bool = False) -> Any:
    given: dict[str, Any] = {"border": 1, "text_wrap": True}
    if bold:
        given["bold"] = True
    if centred:
        given["align"] = "center"
    return formats(**given)


def _with_parts(table: Table) -> set[int]:
    """Return the columns in which a number has decimals; all numbers of such a column are shown with two decimals."""
    return {
        place
        for place, column in enumerate(table.columns)
        if column.figure is not None and any(_has_parts(row.cells[place]) for row in table.rows)
    }


def _has_parts(cell: Cell) -> bool:
    return isinstance(cell.value, Decimal) and cell.value != cell.value.to_integral_value()


def _style(formats: _Formats, column: Column, row: Row, cell: Cell, *, parts: bool) -> Any:
    given: dict[str, Any] = {"border": 1}
    strong, italic = row.kind in ("total", "group"), row.kind == "overlap"
    if column.kind in ("number", "percent", "change"):
        whole, broken = {
            "number": (_COUNT, _COUNT_PARTS),
            "percent": (_SHARE, _SHARE),
            "change": (_MOVED, _MOVED_PARTS),
        }[column.kind]
        chosen = broken if parts or _has_parts(cell) else whole
        given |= {"align": "right", "indent": 1, "num_format": f"{_VIETNAM}{chosen}"}
    elif column.kind in ("index", "text"):
        given |= {"align": "center", "text_wrap": True}
    else:
        given |= {"text_wrap": True} | ({"indent": 1} if row.kind == "sub" else {})
    return formats(**given, **({"bold": True} if strong else {}), **({"italic": True} if italic else {}))


def _write(sheet: Any, row: int, column: int, cell: Cell, style: Any) -> None:
    if not cell.is_number:
        # A plain write would guess the type, and a text that begins with "=" would become a formula.
        sheet.write_string(row, column, cell.shown, style)
        return
    value = plain(cell.value)
    if isinstance(cell.value, Decimal) and not isinstance(value, int):
        value = float(cell.value)
    if cell.formula is None:
        sheet.write_number(row, column, value, style)
    else:
        # The value is stored with the formula; otherwise programs that do not compute would show 0.
        sheet.write_formula(row, column, _formula(cell.formula), style, value)


def _formula(formula: Formula) -> str:
    places = [xl_rowcol_to_cell(_BODY_ROW + row, column) for row, column in formula.cells]
    if formula.op == "sum":
        # The range may contain rows of groups; these are texts, which a sum leaves out.
        return f"=SUM({places[0]}:{places[-1]})"
    if formula.op == "percent":
        return f"=ROUND({places[0]}*100/{places[1]},1)"
    return f"={'-'.join(places)}"


def _provenance(book: Any, formats: _Formats, document: Document) -> None:
    sheet = book.add_worksheet("Nguồn gốc")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write(0, 0, "Nguồn gốc số liệu", formats(bold=True, font_size=13))
    lines = list(document.provenance)
    if document.closing is not None:
        lines.append(("Tham chiếu bản chốt", closing_text(document)))
    for row, (name, text) in enumerate(lines, 2):
        sheet.write(row, 0, name, formats(border=1, bold=True))
        sheet.write_string(row, 1, text, formats(border=1, text_wrap=True))
    _print_set_up(sheet, document, wide=True)


def _print_set_up(sheet: Any, document: Document, *, wide: bool) -> None:
    sheet.set_paper(9)
    if wide:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.8, right=0.6, top=0.9, bottom=0.8)
    sheet.set_header(f'&C&"{_FONT},Regular"&11&P')
    sheet.set_footer(f'&L&"{_FONT},Italic"&9{document.issuer}&R&"{_FONT},Italic"&9&A')
