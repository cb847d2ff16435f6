"""Open the register file at a path."""

from collections.abc import Sequence
from pathlib import Path

from khopso.failure import Exit, FailureError
from registerfiles.failure import ContentError
from registerfiles.mark import Mark, remembered
from registerfiles.rows import Sheet
from registerfiles.source import SUFFIXES, open_file

MAX_FILE_BYTES = 100_000_000


def open_sheets(path: Path) -> list[Sheet]:
    """Read a register file by its suffix: the sheets that hold anything, at least one.

    Raises:
        FailureError: there is no such file, or it has another suffix (exit code 2).
        ContentError: its content is bad. Size is checked before anything is read, expansion before anything is parsed.
    """
    try:
        size = path.stat().st_size
        regular = path.is_file()
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None
    if not regular:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FailureError(Exit.WRONG_USE, "file_kind", suffix=path.suffix or path.name)
    if size > MAX_FILE_BYTES:
        raise ContentError("file_too_large", size=-(-size // 1_000_000), limit=MAX_FILE_BYTES // 1_000_000)
    if size == 0:
        raise ContentError("file_empty")
    try:
        with path.open("rb") as file:
            return open_file(suffix, file)
    except OSError as unreadable:
        raise ContentError(
            "file_unreadable", reason=unreadable.strerror or type(unreadable).__name__
        ) from None


def mark_in(path: Path, sheets: Sequence[Sheet]) -> Mark | None:
    """Return the template's mark of a file whose sheets were opened; None where it has none."""
    with path.open("rb") as file:
        return remembered(file, sheets)
