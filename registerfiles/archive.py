"""Check a workbook before it is parsed: its archive, and its size when expanded."""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from registerfiles.failure import ContentError

MAX_EXPANDED_BYTES = 400_000_000
MAX_RATIO = 250  # the most repetitive real registers compress about sixtyfold
_MAX_MEMBERS = 2_000
_RATIO_MATTERS_BYTES = 20_000_000
_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


class Archive:
    """The parts of a workbook. Each is expanded under a limit that does not depend on what the file says of its size.

    ``main`` is the part without which the file is none, ``most_bytes`` what all parts may have together. The file is read for as long as parts are asked for.
    """

    def __init__(
        self, file: BinaryIO, main: str = "xl/workbook.xml", most_bytes: int = MAX_EXPANDED_BYTES
    ) -> None:
        self._file = file
        self._most_bytes = most_bytes
        try:
            with zipfile.ZipFile(file) as archive:
                self._members = {member.filename.lstrip("/"): member for member in archive.infolist()}
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise ContentError("file_not_xlsx") from None
        if main not in self._members or len(self._members) > _MAX_MEMBERS:
            raise ContentError("file_not_xlsx")
        if any(
            member.flag_bits & 1 or member.compress_type not in (0, 8) for member in self._members.values()
        ):
            raise ContentError("file_not_xlsx")
        self._check_expansion()

    def _check_expansion(self) -> None:
        """Expand every part once, without keeping it, and check that its size is the one that the directory declares."""
        declared = sum(member.file_size for member in self._members.values())
        # Sizes that are too large as declared are refused before anything is expanded.
        if declared > self._most_bytes:
            raise ContentError("file_bomb")
        budget = self._most_bytes
        for member in self._members.values():
            size = 0
            for part in self._expand(member):
                size += len(part)
                if size > budget or (
                    size > _RATIO_MATTERS_BYTES and size > MAX_RATIO * max(1, member.compress_size)
                ):
                    raise ContentError("file_bomb")
            # With a wrong declared size, this check and the library that reads the workbook could see different bytes.
            if size != member.file_size:
                raise ContentError("file_not_xlsx")
            budget -= size

    def _expand(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        file = self._file
        file.seek(member.header_offset)
        raw = file.read(_LOCAL_HEADER.size)
        if len(raw) < _LOCAL_HEADER.size or raw[:4] != b"PK\x03\x04":
            raise ContentError("file_not_xlsx")
        *_, name_length, extra_length = _LOCAL_HEADER.unpack(raw)
        file.seek(name_length + extra_length, 1)
        left = member.compress_size
        inflate = zlib.decompressobj(-15) if member.compress_type == 8 else None
        while left > 0:
            data = file.read(min(_CHUNK, left))
            if not data:
                raise ContentError("file_not_xlsx")
            left -= len(data)
            if inflate is None:
                yield data
                continue
            try:
                while data:
                    # A limit on each step: a few kilobytes may otherwise become a gigabyte in memory at once.
                    yield inflate.decompress(data, _CHUNK)
                    data = inflate.unconsumed_tail
            except zlib.error:
                raise ContentError("file_not_xlsx") from None

    def has(self, name: str) -> bool:
        """Return whether the archive holds the part."""
        return name in self._members

    def read(self, name: str) -> bytes:
        """Return one part, whole; ContentError when it is not there."""
        member = self._members.get(name)
        if member is None:
            raise ContentError("file_not_xlsx")
        return b"".join(self._expand(member))

    def parse(self, name: str) -> ElementTree.Element:
        """Return one part as XML. A document type declaration (no Office program writes one) is refused."""
        return parse_xml(self.read(name))

    def sheet_part(self, sheet_name: str) -> str:
        """Return the archive member that holds the sheet of that name."""
        identifiers = {
            sheet.get("name"): next(
                (value for name, value in sheet.attrib.items() if name.endswith("relationships}id")), None
            )
            for sheet in self.parse("xl/workbook.xml").iterfind(".//{*}sheet")
        }
        wanted = identifiers.get(sheet_name)
        for relation in self.parse("xl/_rels/workbook.xml.rels"):
            if relation.get("Id") == wanted:
                return posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        raise ContentError("file_not_xlsx")


def parse_xml(data: bytes) -> ElementTree.Element:
    """Return a part as XML; ContentError where it is none, or has a document type declaration."""
    refuse_document_type(data)
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        raise ContentError("file_not_xlsx") from None


def refuse_document_type(data: bytes) -> None:
    """Refuse a part with a document type declaration, by a ContentError."""
    # A document type can define entities that grow without end, or that name other files.
    if b"<!DOCTYPE" in data[:4096]:
        raise ContentError("file_not_xlsx")


def cell_name(number: int, column: int) -> str:
    """Return the spreadsheet's name of a cell: row 2, column 0 → A2."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{number}"


def column_index(letters: str) -> int:
    """Return the index (from 0) of a column's letters: A → 0, Z → 25, AA → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
