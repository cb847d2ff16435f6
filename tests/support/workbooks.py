"""Register files that the tests hand in, honest and otherwise."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

CONFLICT_HEADER = (
    "conflict_no", "commune_code", "detected_on", "level", "cause", "parties", "status", "prolonged",
)  # fmt: skip
CONFLICT_ROW = ("MT-1", "10513", "11/04/2023", 1, "land", 2, "in_progress", "không")


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def write_csv(
    path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def replace_part(source: Path, target: Path, part: str, content: bytes) -> Path:
    """A copy of a workbook with one part of the archive replaced (or added)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return target


def add_zeros(source: Path, target: Path, part: str, size: int) -> Path:
    """A copy of a workbook with a part of `size` zero bytes, deflated to a thousandth of that."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w", force_zip64=False) as out:
            for _ in range(size // 1_000_000):
                out.write(bytes(1_000_000))
    return target


def understate_size(path: Path, part: str, declared: int) -> Path:
    """Make the archive declare that a part expands to `declared` bytes, whatever is in it."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(part)
    struct.pack_into("<I", data, member.header_offset + 22, declared)
    name = part.encode()
    at = -1
    while True:
        at = data.index(b"PK\x01\x02", at + 1)
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46 : at + 46 + length] == name:
            break
    struct.pack_into("<I", data, at + 24, declared)
    struct.pack_into("<I", data, at + 16, zlib.crc32(bytes(declared)))
    struct.pack_into("<I", data, member.header_offset + 14, zlib.crc32(bytes(declared)))
    path.write_bytes(bytes(data))
    return path
