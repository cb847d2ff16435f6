"""A register file as read: the header and the rows, whatever the file's format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from khopso.failure import ContentError, Exit, FailureError

Cell = str | int | float | bool | date | datetime | time | timedelta | None

MAX_FILE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be taken as it is: `rule` is `formula` or `cell_error`, `text` what stands in it."""

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


def open_source(path: Path) -> Source:
    """Read a register file by its suffix.

    Raises:
        FailureError: exit code 2 where there is no such file or it has another suffix; 1 where its content is bad.
            Size is checked before anything is read, expansion before anything is parsed.
    """
    from khopso.registers.csv_source import open_csv
    from khopso.registers.xlsx_source import open_xlsx

    try:
        size = path.stat().st_size
        regular = path.is_file()
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None
    if not regular:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path)
    readers = {".csv": open_csv, ".xlsx": open_xlsx}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise FailureError(Exit.WRONG_USE, "file_kind", suffix=path.suffix or path.name)
    if size > MAX_FILE_BYTES:
        raise ContentError("file_too_large", size=-(-size // 1_000_000), limit=MAX_FILE_BYTES // 1_000_000)
    if size == 0:
        raise ContentError("file_empty")
    try:
        return reader(path)
    except OSError as unreadable:
        raise ContentError(
            "file_unreadable", reason=unreadable.strerror or type(unreadable).__name__
        ) from None
