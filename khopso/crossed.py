"""A figure by two dimensions as a table for people: rows × columns, with the margins and the total."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from khopso.console import Console
from khopso.language import rendered, spoken
from khopso.words import named, shown
from texts import Message, message

_HEADING = 18  # longer headings are broken into lines
_LABEL = 40
_EDGE = 3  # what the library puts between two columns
_Line = tuple[str, Sequence[str]]


def show_table(console: Console, answer: Mapping[str, Any], by: Sequence[str], on: date) -> None:
    """Print the answer about the dimensions ``by`` of rows and columns; ``on`` is the day of the areas' names.

    Where the columns do not fit beside each other, they are printed in several tables below each other with the same rows.
    """
    row, column = by
    headings = [named(str(one[column]), column, on, one.get("name")) for one in answer["columns"]]
    lines = [*_lines(answer, row, column, on), _margin(answer)]
    for first, last in _fitting(headings, lines, console.width):
        if first:
            console.line()
        shown_here = [*headings, spoken("figure.total")][first:last]
        console.table(
            [(_corner(row, column), "left"), *((heading, "right") for heading in shown_here)],
            [[label, *values[first:last]] for label, values in lines],
        )


def _corner(row: str, column: str) -> str:
    rows, columns = message(f"dimension.{row}"), message(f"dimension.{column}")
    return rendered(Message(f"{rows.vi} × {columns.vi}", f"{rows.en} × {columns.en}"))


def _lines(answer: Mapping[str, Any], row: str, column: str, on: date) -> Iterator[_Line]:
    """Yield each row of the table: its name, its cells in the order of the columns, and its margin."""
    cells = {(cell[row], cell[column]): cell["value"] for cell in answer["cells"]}
    for one in answer["rows"]:
        values = [cells.get((one[row], other[column])) for other in answer["columns"]]
        label = named(str(one[row]), row, on, one.get("name"))
        yield label, [shown(value) for value in (*values, one["value"])]


def _margin(answer: Mapping[str, Any]) -> _Line:
    values = [*(one["value"] for one in answer["columns"]), answer["value"]]
    return spoken("figure.total"), [shown(value) for value in values]


def _fitting(headings: Sequence[str], lines: Sequence[_Line], width: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of columns that fit beside the names of the rows, the margin as the last one."""
    room = width - min(max(len(label) for label, _ in lines), _LABEL)
    first, taken = 0, 0
    for number, heading in enumerate([*headings, spoken("figure.total")]):
        longest = max(len(values[number]) for _, values in lines)
        needed = max(min(len(heading), _HEADING), longest) + _EDGE
        if number > first and taken + needed > room:
            yield first, number
            first, taken = number, 0
        taken += needed
    yield first, len(headings) + 1
