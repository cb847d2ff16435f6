"""Open a register file with the reader for its suffix."""

from pathlib import Path

from khopso.failure import ContentError, Exit, FailureError
from khopso.registers.csv_source import open_csv
from khopso.registers.ods_source import open_ods
from khopso.registers.rows import Sheet
from khopso.registers.xlsx_source import open_xlsx

MAX_FILE_BYTES = 100_000_000
_READERS = {
    ".csv": open_csv,
    ".txt": open_csv,
    ".tsv": open_csv,
    ".xlsx": open_xlsx,
    ".xlsm": open_xlsx,
    ".ods": open_ods,
}


def open_sheets(path: Path) -> list[Sheet]:
    """Read a register file by its suffix: the sheets that hold anything, at least one.

    Raises:
        FailureError: exit code 2 where there is no such file or it has another suffix; 1 where its content is bad.
            Size is checked before anything is read, expansion before anything is parsed.
    """
    try:
        size = path.stat().st_size
        regular = path.is_file()
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None
    if not regular:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path)
    reader = _READERS.get(path.suffix.lower())
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
