"""An empty register: header, drop-down lists, date formats, one invented example row, and a page of explanations."""

from collections.abc import Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from contracts.forms import Column, Form, Kind, example_of
from khopso.failure import Exit, FailureError, writing
from khopso.language import brief, lines, rendered, spoken
from khopso.registers.errorbook import put
from khopso.registers.rows import Cell
from texts import Message, message

_ROWS = 5_000
_FORMATS = {
    Kind.DATE: "dd/mm/yyyy",
    Kind.BIRTH: "dd/mm/yyyy",
    Kind.DATETIME: "dd/mm/yyyy hh:mm",
    Kind.MOMENT: "dd/mm/yyyy hh:mm",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "General",
}
PATTERNS: Mapping[Kind, str] = {
    Kind.DATE: "dd/mm/yyyy",
    Kind.DATETIME: "dd/mm/yyyy HH:MM",
    Kind.MOMENT: "dd/mm/yyyy [HH:MM]",
    Kind.BIRTH: "dd/mm/yyyy, yyyy",
}
_HEAD = PatternFill("solid", start_color="FFD9E2F3", end_color="FFD9E2F3")
_EXAMPLE = PatternFill("solid", start_color="FFFFF2CC", end_color="FFFFF2CC")


def write_template(form: Form, path: Path) -> None:
    """Write the template of a form; FailureError (exit 2) when it is no .xlsx or cannot be written."""
    if path.suffix.lower() != ".xlsx":
        raise FailureError(Exit.WRONG_USE, "template_kind", suffix=path.suffix or path.name)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = form.name[:31]
    explanations = book.create_sheet(brief(message("template.guide")))
    lists = book.create_sheet(brief(message("template.lists")))
    _register(sheet, lists, form)
    _explanations(explanations, form)
    with writing(path):
        book.save(path)


def choices(column: Column) -> tuple[str, ...]:
    """Return what a drop-down list of the column offers; empty where anything may be written."""
    if column.codes:
        return tuple(column.codes.values())
    return (message("word.yes").vi, message("word.no").vi) if column.kind is Kind.FLAG else ()


def _register(sheet: Worksheet, lists: Worksheet, form: Form) -> None:
    example = example_of(form)
    for index, column in enumerate(form.columns, start=1):
        letter = get_column_letter(index)
        head = put(sheet.cell(1, index), column.vi)
        head.font = Font(bold=True, color="FFC00000" if column.required else "FF000000")
        head.fill = _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = max(14, min(28, len(column.vi) + 4))
        sheet.column_dimensions[letter].number_format = _FORMATS.get(column.kind, "@")
        cell = put(sheet.cell(2, index), _labelled(column, example.get(column.id)))
        cell.number_format = _FORMATS.get(column.kind, "@")
        cell.fill = _EXAMPLE
        options = choices(column)
        if options:
            _drop_down(sheet, lists, column, index, options)
    mark = Comment("\n".join(lines(message("template.example"))), spoken("workbook.author"))
    mark.width, mark.height = 320, 90
    sheet.cell(2, 1).comment = mark
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 45


def _labelled(column: Column, value: Cell) -> Cell:
    """Return a value as the drop-down lists show it: the labels of codes."""
    codes = column.codes
    if not codes or not isinstance(value, str):
        return value
    return "; ".join(codes.get(code, code) for code in value.split("; "))


def _drop_down(
    sheet: Worksheet, lists: Worksheet, column: Column, index: int, options: tuple[str, ...]
) -> None:
    place = get_column_letter(index)
    lists[f"{place}1"] = column.vi
    for line, option in enumerate(options, start=2):
        lists[f"{place}{line}"] = option
    validation = DataValidation(
        type="list", formula1=f"'{lists.title}'!${place}$2:${place}${len(options) + 1}", allow_blank=True
    )
    # A cell may contain several codes, so values that are not in the list must be allowed there.
    validation.showErrorMessage = column.kind is not Kind.CODES
    validation.errorTitle = column.vi[:32]
    validation.error = spoken("workbook.choose")
    validation.add(f"{place}2:{place}{_ROWS}")
    sheet.add_data_validation(validation)


def _explanations(sheet: Worksheet, form: Form) -> None:
    sheet.append([rendered(Message(form.vi, form.en))])
    sheet.append([spoken("template.row_2")])
    sheet.append([])
    heads = ("template.column", "template.id", "template.required", "template.how", "template.codes")
    sheet.append([spoken(code) for code in heads])
    for cell in sheet[4]:
        cell.font = Font(bold=True)
        cell.fill = _HEAD
    for column in form.columns:
        codes = "; ".join(f"{code} = {label}" for code, label in (column.codes or {}).items())
        default = f" ({spoken('template.default')}: {column.default})" if column.default else ""
        how = PATTERNS.get(column.kind) or spoken(f"template.kind.{column.kind.value}")
        sheet.append([column.vi, column.id, "*" if column.required else "", how + default, codes])
    sheet["A1"].font = Font(bold=True, size=13)
    for letter, width in zip("ABCDE", (36, 20, 20, 44, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A5"
