"""The first visible sheet of a file as a table: its header and the rows below."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from khopso.registers.source import open_sheets
from registerfiles.archive import cell_name
from registerfiles.failure import ContentError
from registerfiles.rows import Row, as_header


@dataclass(slots=True)
class Source:
    """A table opened for reading. `total` is the number of rows below the header."""

    header: list[str]
    rows: Iterator[Row]
    total: int


def open_source(path: Path) -> Source:
    """The table; errors as `open_sheets`, and a formula in the header."""
    sheets = open_sheets(path)
    sheet = next((sheet for sheet in sheets if not sheet.hidden), sheets[0])
    rows = iter(sheet.lines)
    header = next(rows)
    for column in header.faults:
        raise ContentError("formula", cell=cell_name(header.number, column))
    return Source([as_header(cell) for cell in header.cells], rows, sheet.total - 1)
