"""The mark by which a register made from a template is known again: its form and the version of the template.

It stands in the file's properties and, for whoever saves it in another format, in a cell above the register.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from registerfiles.archive import parse_xml
from registerfiles.rows import Sheet

PROPERTY = "khopso"
"""The name of the file's property that holds the mark."""
_MARK = re.compile(r"\bkhopso:([a-z_]{1,40})/([0-9]{1,6})\b")
_PARTS = ("docProps/custom.xml", "meta.xml")
_MOST_BYTES = 1_000_000
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """The form and the version of the template that a file was made from."""

    form: str
    version: int


def mark_of(form: str, version: int) -> str:
    """Return the mark as it is written: ``khopso:conflicts/1``."""
    return f"khopso:{form}/{version}"


def remembered(file: BinaryIO, sheets: Sequence[Sheet]) -> Mark | None:
    """Return the mark of a file whose sheets were opened (which checks its archive); None where it has none."""
    for text in (*_properties(file), *_cells(sheets)):
        if (found := _MARK.search(text)) is not None:
            return Mark(found[1], int(found[2]))
    return None


def _properties(file: BinaryIO) -> Iterator[str]:
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        for name in _PARTS:
            if name in archive.namelist() and archive.getinfo(name).file_size <= _MOST_BYTES:
                for element in parse_xml(archive.read(name)).iter():
                    if any(
                        key.endswith("name") and value == PROPERTY for key, value in element.attrib.items()
                    ):
                        yield "".join(element.itertext())


def _cells(sheets: Sequence[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        for row in islice(sheet.lines, _ROWS):
            yield from (cell for cell in row.cells if isinstance(cell, str) and PROPERTY in cell)
