"""The sheets beside the register in a template: how to fill it in, and the lists that it offers."""

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from khopso.registers.book import Book
from khopso.registers.errorbook import put
from khopso.registers.printing import FACE, set_up_page

_HEAD = PatternFill("solid", start_color="FFDCE6F1", end_color="FFDCE6F1")
_THIN = Side(style="thin", color="FF7F7F7F")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
STEPS = ("rows", "header", "days", "lists", "example", "more_rows", "hand_in", "mark")
_HEADS = ("template.column", "template.required", "template.how", "template.words", "template.id")
_WIDTHS = (34.0, 10.0, 40.0, 78.0, 18.0)


def write_lists(sheet: Worksheet, book: Book) -> dict[tuple[str, ...], str]:
    """Write each list once, side by side under its name; return the ranges by list, as a rule names them."""
    places: dict[tuple[str, ...], str] = {}
    for column in book.form.columns:
        options = book.choices(column)
        if not options or options in places:
            continue
        letter = get_column_letter(len(places) + 1)
        head = put(sheet[f"{letter}1"], book.name(column))
        head.font, head.fill = Font(name=FACE, size=11, bold=True), _HEAD
        for line, option in enumerate(options, start=2):
            put(sheet[f"{letter}{line}"], option).font = Font(name=FACE, size=11)
        sheet.column_dimensions[letter].width = min(60.0, max(map(len, (*options, column.vi))) + 3)
        places[options] = f"'{sheet.title}'!${letter}$2:${letter}${len(options) + 1}"
    sheet.freeze_panes = "A2"
    set_up_page(sheet, book, wide=False)
    return places


def write_guide(sheet: Worksheet, book: Book) -> None:
    """Write how to fill the register in: what to do, step by step, then each column."""
    put(sheet["A1"], book.says("book.guide", register=book.title)).font = Font(name=FACE, size=14, bold=True)
    for row, step in enumerate(STEPS, start=2):
        text = book.says(f"book.step.{step}", form=book.form.name, mark=book.mark)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
        cell = put(sheet.cell(row, 1), f"{row - 1}. {text}")
        cell.font = Font(name=FACE, size=11)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 15.0 * _lines(text, sum(_WIDTHS))
    first = len(STEPS) + 3
    for place, (code, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True), start=1):
        cell = put(sheet.cell(first, place), book.says(code))
        cell.font, cell.fill, cell.border = Font(name=FACE, size=11, bold=True), _HEAD, _BOX
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row, column in enumerate(book.form.columns, start=first + 1):
        texts = (
            book.name(column),
            "*" if column.required else "",
            book.how(column),
            book.words(column),
            column.id,
        )
        for place, text in enumerate(texts, start=1):
            cell = put(sheet.cell(row, place), text)
            cell.font, cell.border = Font(name=FACE, size=11), _BOX
            cell.alignment = Alignment(wrap_text=True, vertical="center")
        lines = max(_lines(text, width) for text, width in zip(texts, _WIDTHS, strict=True))
        sheet.row_dimensions[row].height = 15.0 * lines + 4
    set_up_page(sheet, book, wide=False)


def _lines(text: str, width: float) -> int:
    return max(1, -(-len(text) * 11 // int(width * 10)))
