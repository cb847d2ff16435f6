"""Read .csv files: UTF-8 with or without byte-order mark, delimited by commas or semicolons."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from khopso.failure import ContentError
from khopso.registers.rows import Row, Source

_MAX_CELL_CHARACTERS = 100_000
_DELIMITERS = ",;"


def open_csv(path: Path) -> Source:
    """Return the file's header and rows; FailureError (exit 1) for another encoding, binary data, unmatched quotes.

    The whole file is read once before its first row is returned: half of a file that breaks off must not be handed in.
    """
    text = _decode(path.read_bytes())
    if not text.strip():
        raise ContentError("file_empty")
    delimiter = _delimiter(text)
    total = sum(1 for _ in _rows(text, delimiter))
    rows = _rows(text, delimiter)
    header = next(rows)
    return Source([str(cell) for cell in header.cells], rows, total=total - 1)


def _decode(data: bytes) -> str:
    # Text never contains a zero byte. A workbook or picture renamed to .csv does, and gets a message of its own.
    if b"\x00" in data[:65_536]:
        raise ContentError("file_not_text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ContentError("file_encoding", line=data.count(b"\n", 0, wrong.start) + 1) from None


def _delimiter(text: str) -> str:
    """Return the delimiter that is more frequent in the header line, outside quotation marks."""
    quoted = False
    counts = dict.fromkeys(_DELIMITERS, 0)
    for letter in text:
        if letter == '"':
            quoted = not quoted
        # Commas inside quotation marks (in names, addresses) are not delimiters.
        elif not quoted and letter in counts:
            counts[letter] += 1
        elif not quoted and letter in "\r\n" and any(counts.values()):
            break
    return max(_DELIMITERS, key=counts.__getitem__)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            cells = next(lines, None)
        except csv.Error:
            raise ContentError("file_csv", line=number + 1) from None
        if cells is None:
            return
        number += 1
        yield Row(number, [*cells])
