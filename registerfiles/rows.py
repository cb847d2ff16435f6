"""A register file as read: its sheets and their rows, whatever the file's format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeGuard

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]
"""(row number from 1, column index from 0) of a cell."""


PARTIAL = "day_not_shown"
"""The rule of a date that its cell shows without the day or without the year."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be used: ``rule`` is `formula`, `cell_error` or `day_not_shown`, ``text`` is what the cell holds."""

    rule: str
    text: str


@dataclass(slots=True)
class Row:
    """One row of the sheet. `number` is the spreadsheet's own (from 1); cells by column index from 0."""

    number: int
    cells: list[Cell]
    faults: Mapping[int, CellFault] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        return not self.faults and all(is_blank(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are merged into one, corners included: only the first one holds the value."""

    first: Place
    last: Place


class Lines(Protocol):
    """The rows of a sheet from its first one on, which can be read more than once."""

    def __iter__(self) -> Iterator[Row]: ...


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a sheet that is in memory."""

    values: Sequence[list[Cell]]
    faults: Mapping[int, Mapping[int, CellFault]]

    def __iter__(self) -> Iterator[Row]:
        for number, cells in enumerate(self.values, start=1):
            yield Row(number, [None if cell == "" else cell for cell in cells], self.faults.get(number, {}))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file; a .csv file has a single one without a name.

    ``total`` is the number of its rows. ``hidden_rows`` and ``hidden_columns`` are those that a filter or a person has hidden. ``percent`` are
    the cells that show their number as a percentage: they hold 0.783 and show 78,3%. ``shown`` are numbers as the file
    itself says that they are shown; only .ods does. ``commas``: the cells are separated by the sign of Vietnamese decimals.
    """

    name: str
    lines: Lines
    total: int
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: Sequence[Merge] = ()
    percent: frozenset[Place] = frozenset()
    shown: Mapping[Place, str] = field(default_factory=dict)
    commas: bool = False


def is_number(cell: Cell) -> TypeGuard[int | float]:
    """Return whether a cell holds a number; to Python a tick box (TRUE) is one, too."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


_NOTHING = frozenset({"-", "--", "\u2013", "\u2014", "\u2026", "...", "/"})


def says_nothing(cell: Cell) -> bool:
    """Return whether the cell is blank, or has the dash or dots that are written where nothing is to be said."""
    return cell is None or (isinstance(cell, str) and (not (text := cell.strip()) or text in _NOTHING))


def as_header(cell: Cell) -> str:
    """Return the text of a header cell."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
