"""Read text tables: UTF-8 or UTF-16, delimited by commas, semicolons, tabs or bars; the line `sep=` of Excel is understood."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from registerfiles.failure import ContentError
from registerfiles.rows import Row, Sheet

_MAX_CELL_CHARACTERS = 100_000
_DELIMITERS = ",;\t|"
_JUDGED_BYTES = 65_536
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Excel writes and obeys this line, shows it to nobody and does not count it.
_SEPARATOR = re.compile(r'\A"?sep=([,;\t|])"?(?:\r\n?|\n)', re.IGNORECASE)


def open_csv(file: BinaryIO) -> list[Sheet]:
    """Return the file as one sheet; ContentError for another encoding, binary data, unmatched quotes.

    The whole file is read once before its first row is returned: half of a file that breaks off must not be handed in.
    """
    text = _decode(file.read())
    told = _SEPARATOR.match(text)
    if told is not None:
        text = text[told.end() :]
    if not text.strip():
        raise ContentError("file_empty")
    lines = _Lines(text, told[1] if told is not None else _delimiter(text))
    return [Sheet("", lines, total=sum(1 for _ in lines), commas=lines.delimiter == ",")]


@dataclass(frozen=True, slots=True)
class _Lines:
    text: str
    delimiter: str

    def __iter__(self) -> Iterator[Row]:
        csv.field_size_limit(_MAX_CELL_CHARACTERS)
        lines = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
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


def _decode(data: bytes) -> str:
    if data.startswith(_UTF16):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise ContentError("file_not_text") from None
        if "\x00" in text:  # UTF-32, whose mark begins as that of UTF-16 does
            raise ContentError("file_not_text")
        return text
    # Text in UTF-8 never contains a zero byte, UTF-16 has one for each plain letter. A workbook or picture renamed to .csv
    # has some too, and gets a message of its own.
    if b"\x00" in data[:_JUDGED_BYTES]:
        return _unmarked_utf16(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ContentError("file_encoding", line=data.count(b"\n", 0, wrong.start) + 1) from None


def _unmarked_utf16(data: bytes) -> str:
    """Return a text in UTF-16 that lacks the mark at its beginning, as some programs write it."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        judged = text[:_JUDGED_BYTES]
        # Read the wrong way round, plain letters become Chinese ones; a picture has letters of every kind.
        if sum(map(_is_of_a_register, judged)) * 10 >= len(judged) * 9 and "\x00" not in text:
            return text
    raise ContentError("file_not_text")


def _is_of_a_register(letter: str) -> bool:
    """Return whether a letter is one that Vietnamese is written with, or stands beside such letters."""
    return letter in "\t\r\n" or (
        letter.isprintable() and (letter < "\u0370" or "\u1e00" <= letter < "\u2070")
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that most of the first lines agree on, outside quotation marks."""
    quoted = False
    counts = dict.fromkeys(_DELIMITERS, 0)
    best, most, seen = ",", 0, 0
    for letter in text:
        if letter == '"':
            quoted = not quoted
        # Commas inside quotation marks (in names, addresses) are not delimiters.
        elif not quoted and letter in counts:
            counts[letter] += 1
        elif not quoted and letter in "\r\n" and any(counts.values()):
            # A title above the header may contain a comma; the header has more delimiters than any title.
            line = max(_DELIMITERS, key=counts.__getitem__)
            if counts[line] > most:
                best, most = line, counts[line]
            counts = dict.fromkeys(_DELIMITERS, 0)
            seen += 1
            if seen == _JUDGED_LINES:
                break
    last = max(_DELIMITERS, key=counts.__getitem__)
    return last if counts[last] > most else best


_JUDGED_LINES = 20
