"""A register file as read: the header and the rows, whatever the file's format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be used: ``rule`` is `formula` or `cell_error`, ``text`` is the content of the cell."""

    rule: str
    text: str


@dataclass(slots=True)
class Row:
    """One row of the sheet. `number` is the spreadsheet's own (header = 1); cells by column index from 0."""

    number: int
    cells: list[Cell]
    faults: Mapping[int, CellFault] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        return not self.faults and all(is_blank(cell) for cell in self.cells)


@dataclass(slots=True)
class Source:
    """A file opened for reading. `total` is the number of rows below the header where that is known."""

    header: list[str]
    rows: Iterator[Row]
    total: int | None


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
