"""A register book to be printed and filled in by hand: empty rows, the signatures, and how each column is written."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from contracts.forms import Column, Kind
from khopso.failure import Exit, FailureError, writing
from khopso.registers.book import Book, is_wide, widths_of
from typesetting import set_pages

_TEMPLATE = Path(str(files("khopso.registers"))) / "blank.typ"
_A4, _A3 = 277.0, 400.0
"""Millimetres between the margins of a landscape page."""
_LINE_NUMBERS = 9.0


def write_blank(book: Book, path: Path, at: datetime) -> None:
    """Write the printable book; FailureError (exit 2) when the path is no .pdf or cannot be written.

    ``at`` is the time that the file says it was made.
    """
    if path.suffix.lower() != ".pdf":
        raise FailureError(Exit.WRONG_USE, "blank_kind", suffix=path.suffix or path.name)
    pages = set_pages(_TEMPLATE, _laid_out(book), at)
    with writing(path):
        path.write_bytes(pages)


def _laid_out(book: Book) -> dict[str, Any]:
    # The unit stands above the register, so that nobody writes it on every line.
    columns = [column for column in book.form.columns if column.kind is not Kind.UNIT]
    widths = widths_of(book, columns)
    wide = is_wide(widths)
    room = (_A3 if wide else _A4) - _LINE_NUMBERS
    said = (
        "book.place_and_day", "book.keeper", "book.head_of_unit", "book.sign", "book.sign_and_seal",
    )  # fmt: skip
    return {
        "language": book.language,
        "paper": "a3" if wide else "a4",
        "author": book.says("workbook.author"),
        "title": book.title,
        "unit": book.unit_line(),
        "period": book.period(),
        "mark": book.says("book.mark", mark=book.mark),
        "hint": book.says("book.paper_hint"),
        "page": book.says("book.page", page="{page}", pages="{pages}"),
        "line": book.says("worklist.line"),
        "rows": book.rows,
        "columns": [
            {"head": book.head(column), "width": width * room / sum(widths), "required": column.required}
            for column, width in zip(columns, widths, strict=True)
        ],
        "guide": book.says("book.guide", register=book.title),
        "guide_heads": [book.says(code) for code in ("template.column", "template.how", "template.words")],
        "guide_rows": [_explained(book, column) for column in columns],
        **{code.removeprefix("book."): book.says(code) for code in said},
    }


def _explained(book: Book, column: Column) -> list[str]:
    return [book.head(column), book.on_paper(column), book.words(column)]
