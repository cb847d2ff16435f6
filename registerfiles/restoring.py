"""National IDs that a spreadsheet holds as numbers have lost their leading zero: restored where the row proves it. Pure.

A CCCD has twelve digits (Circular 59/2021/TT-BCA, Art. 3): the province of birth registration (001–096), one digit for
century and sex, two for the year of birth, six of chance. Eleven digits whose century, sex and year are those of the row are such a
number without its zero; other eleven digits are a typing error.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from contracts.forms import Kind, normalise_header
from registerfiles.archive import cell_name
from registerfiles.columns import Matching, RowFault, fault_of
from registerfiles.rows import Cell, Row

_ELEVEN = re.compile(r"\d{11}", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_WOMEN = frozenset({"nu", "female"})
_MEN = frozenset({"nam", "male"})
_PROVINCES = range(1, 97)
_SHOWN = 5


@dataclass(slots=True)
class Restore:
    """Restores the zeros of one sheet. ``cells`` are those restored, in the order of the sheet."""

    number: int
    birth: int
    sex: int
    cells: list[tuple[int, str]]

    def __call__(self, row: Row) -> None:
        """Put the zero back into the row's national ID where the row proves that it was there."""
        found = self.restored(row)
        if found is not None:
            row.cells[self.number] = found

    def restored(self, row: Row) -> str | None:
        """Return the twelve digits of the row's number; None where nothing proves them."""
        cells = row.cells
        if max(self.number, self.birth, self.sex) >= len(cells):
            return None
        digits = _digits(cells[self.number])
        if digits is None or int(digits[:2]) not in _PROVINCES:
            return None
        year = _year(cells[self.birth])
        woman = _is_woman(cells[self.sex])
        if year is None or woman is None:
            return None
        century = (year // 100 - 19) * 2 + woman
        return f"0{digits}" if digits[2:5] == f"{century}{year % 100:02d}" else None

    def note(self) -> RowFault:
        """Return what is told of the restored numbers."""
        number, text = self.cells[0]
        places = ", ".join(cell_name(row, self.number) for row, _ in self.cells[:_SHOWN])
        more = " …" if len(self.cells) > _SHOWN else ""
        return fault_of(
            number, "national_id", text, "national_id_restored", cells=places + more, count=len(self.cells)
        )


def lost_zeros(
    matching: Matching, lines: Iterable[Row], left_out: Container[int], body: int
) -> list[Restore]:
    """Return what restores the zeros of a sheet, for each column of numbers that has lost one that its row proves."""
    places = {
        column.kind if column.id != "sex" else "sex": index for index, column in matching.columns.items()
    }
    if not {Kind.NATIONAL_ID, Kind.BIRTH, "sex"} <= places.keys():
        return []
    found = []
    # CCCD and CMND may stand in two columns.
    for number in matching.old_and_new:
        restore = Restore(number, places[Kind.BIRTH], places["sex"], [])
        _gather(restore, lines, left_out, body)
        if restore.cells:
            found.append(restore)
    return found


def _gather(restore: Restore, lines: Iterable[Row], left_out: Container[int], body: int) -> None:
    for row in lines:
        if row.number >= body and row.number not in left_out and len(row.cells) > restore.number:
            # Numbers of twelve digits, which most are, cost no more than this look at their length.
            if isinstance(cell := row.cells[restore.number], str) and len(cell.strip()) != 11:
                continue
            if cell is not None and (found := restore.restored(row)) is not None:
                restore.cells.append((row.number, found[1:]))


def _digits(cell: Cell) -> str | None:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = str(cell).strip()
    return text if _ELEVEN.fullmatch(text) else None


def _year(cell: Cell) -> int | None:
    if isinstance(cell, date):
        return cell.year
    found = _YEAR.search(str(int(cell) if isinstance(cell, float) else cell))
    return int(found[1]) if found else None


def _is_woman(cell: Cell) -> bool | None:
    text = normalise_header(str(cell))
    return True if text in _WOMEN else False if text in _MEN else None
