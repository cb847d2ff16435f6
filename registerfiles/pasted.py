"""Read cells that were copied from a spreadsheet and pasted as text: a tab between cells, a line for each row. Pure.

A cell that holds a line break comes in quotation marks, with its own ones doubled; any other cell comes as it is, quotation marks
and all. So a mark that opens nothing stays a mark, and never swallows the rows below it.
"""

import io
import re

from registerfiles.csv_source import open_csv
from registerfiles.failure import ContentError
from registerfiles.rows import Cell, Grid, Sheet

_QUOTED = re.compile(r'"((?:[^"\t]|"")*)"(?=[\t\n]|\Z)')
_PLAIN = re.compile(r"[^\t\n]*")


def pasted_sheet(text: str) -> Sheet:
    """Return what was pasted as a sheet; text without any tab is read as a .csv is.

    Raises:
        ContentError: nothing was pasted, or a .csv has quotation marks that do not match.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ContentError("paste_empty")
    if "\t" not in text:
        (sheet,) = open_csv(io.BytesIO(text.encode()))
        return sheet
    rows = _rows(text)
    while rows and not any(str(cell or "").strip() for cell in rows[-1]):
        rows.pop()
    return Sheet("", Grid(rows, {}), total=len(rows))


def _rows(text: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[]]
    at = 0
    while at <= len(text):
        cell, at = _cell(text, at)
        rows[-1].append(cell)
        if text[at : at + 1] == "\n":
            rows.append([])
        at += 1
    return rows


def _cell(text: str, at: int) -> tuple[str, int]:
    """Return the cell that begins here, and where it ends."""
    quoted = _QUOTED.match(text, at)
    # Spreadsheets put nothing else in quotation marks: of any other cell they are its own.
    if quoted is not None and ("\n" in quoted[1] or '""' in quoted[1]):
        return quoted[1].replace('""', '"'), quoted.end()
    plain = _PLAIN.match(text, at)
    assert plain is not None, "it matches nothing as well"
    return plain[0], plain.end()
