"""Open a register file with the reader for its suffix."""

from typing import BinaryIO

from registerfiles.archive import MAX_EXPANDED_BYTES
from registerfiles.csv_source import open_csv
from registerfiles.ods_source import open_ods
from registerfiles.rows import Sheet
from registerfiles.xlsx_source import open_xlsx


def _open_text(file: BinaryIO, _: int) -> list[Sheet]:
    return open_csv(file)


_READERS = {
    ".csv": _open_text,
    ".txt": _open_text,
    ".tsv": _open_text,
    ".xlsx": open_xlsx,
    ".xlsm": open_xlsx,
    ".ods": open_ods,
}
SUFFIXES = frozenset(_READERS)
"""The kinds of files that can be read, in small letters."""


def open_file(suffix: str, file: BinaryIO, most_bytes: int = MAX_EXPANDED_BYTES) -> list[Sheet]:
    """Read a register file by its suffix, one of `SUFFIXES`: the sheets that hold anything, at least one.

    Everything is read before this returns. ``most_bytes`` is how large a workbook may be when it is expanded.

    Raises:
        ContentError: its content is bad; expansion is checked before anything is parsed.
        OSError: it cannot be read.
    """
    return _READERS[suffix](file, most_bytes)
