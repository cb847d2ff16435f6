"""Percentages of a declared figure: a cell that shows 78,3% holds 0.783, and a text table says "78,3%". Pure."""

from collections.abc import Container, Mapping
from decimal import Decimal

from contracts.forms import Form, Kind
from reference import FIGURES
from registerfiles.columns import Matching
from registerfiles.judging import Seen
from registerfiles.rows import Place, Row, is_number

_FIGURE = "figure"


def has_percents(seen: Mapping[int, Seen]) -> bool:
    """Return whether a text in a column of numbers ends with the sign of a percentage."""
    return any(
        isinstance(cell, str) and cell.rstrip().endswith("%")
        for each in seen.values()
        if each.column.kind is Kind.DECIMAL
        for cell in each.cells
    )


def as_percent(form: Form, matching: Matching, percent: Container[Place], row: Row) -> None:
    """Write the number that a percentage shows into the row, where its figure is counted in percent.

    The percentages of other figures stay as text with their sign, which services refuse: 50 % of what, nobody knows.
    """
    for index, column in matching.columns.items():
        if column.kind is not Kind.DECIMAL or index >= len(row.cells):
            continue
        cell = row.cells[index]
        shown = None
        if is_number(cell) and (row.number, index) in percent:
            # `repr` gives the shortest decimal: 0.783 × 100 is 78.3, not 78.30000000000001.
            shown = f"{(Decimal(repr(cell)) * 100).normalize():f}".replace(".", ",")
        elif isinstance(cell, str) and cell.strip().endswith("%"):
            shown = _with_comma(cell.strip().removesuffix("%").strip())
        if shown is not None:
            row.cells[index] = shown if _counts_percent(form, matching, row) else f"{shown}%"


def _with_comma(text: str) -> str:
    """Return a percentage with a comma for its decimals: nobody's share is 78 125 %, which 78.125 would be read as."""
    return text.replace(".", ",") if text.count(".") == 1 and "," not in text else text


def _counts_percent(form: Form, matching: Matching, row: Row) -> bool:
    if _FIGURE not in form.by_id:
        return False
    for index, column in matching.columns.items():
        if column.id == _FIGURE and index < len(row.cells):
            figure = FIGURES.get(str(row.cells[index] or "").strip().casefold())
            return figure is not None and figure.unit == "percent"
    return False
