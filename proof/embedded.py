"""The references to closings that a published report carries inside, in any of the formats in which reports are made.

A file comes from anybody, so what reading it may cost is bounded: the bytes that its compressed parts grow to, and how
often its texts are tried.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any

from proof.canonical_json import read_json
from proof.closing import is_reference

_MARK = '{"chain_entry":'
_MOST_BYTES = 200_000_000
"""Bytes that the compressed parts of a file may grow to, together."""
_MOST_TRIES = 1_000
"""Places of one text that may begin a reference; a report has a handful of them."""
_PARTS = (".xml", ".json", ".rels", ".txt")
_BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    ValueError,
    EOFError,
    OSError,
)


def references_in(data: bytes, most: int = _MOST_BYTES) -> list[Mapping[str, Any]]:
    """Return every reference to a closing in a file: JSON, CSV, a workbook, a text document or a PDF.

    ``most``: bytes that its compressed parts may grow to; what is beyond them is not read.
    """
    try:
        document = read_json(data)
    except (ValueError, RecursionError):
        return list(_in_bytes(data, most))
    return list(_in_json(document))


def _in_json(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the references anywhere in a JSON document, also inside its texts, in its order."""
    # Without recursion: a document may be nested deeper than a program may call itself.
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if is_reference(part):
            yield part
        elif isinstance(part, dict):
            waiting.extend(reversed(list(part.values())))
        elif isinstance(part, list):
            waiting.extend(reversed(part))
        elif isinstance(part, str) and _MARK in part:
            yield from _in_text(part)


def _in_bytes(data: bytes, most: int) -> Iterator[Mapping[str, Any]]:
    """Yield the references in a workbook, a text document, a PDF (XML metadata) or a CSV file."""
    if data.startswith(b"PK"):
        yield from _in_archive(data, most)
        return
    is_pdf = data.startswith(b"%PDF")
    texts = _pdf_texts(data, most) if is_pdf else ()
    for text in (data.decode("utf-8", "replace"), *texts):
        yield from _in_text(unescape(text) if is_pdf else text)


def _in_archive(data: bytes, most: int) -> Iterator[Mapping[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            left = most
            for part in archive.infolist():
                # A small archive can hold parts that fill the memory, so all parts share one budget.
                if not part.filename.endswith(_PARTS) or part.file_size > left:
                    continue
                left -= part.file_size
                yield from _in_text(unescape(archive.read(part).decode("utf-8", "replace")))
    except _BAD_ARCHIVE:
        return


def _pdf_texts(data: bytes, most: int) -> Iterator[str]:
    """Yield the texts of a PDF: its compressed streams, and its texts in UTF-16."""
    left, end = most, 0
    while (at := data.find(b"stream", end)) >= 0:
        start = at + len(b"stream")
        end = data.find(b"endstream", start)
        if end < 0:
            break
        body, end = data[start:end].lstrip(b"\r\n"), end + len(b"endstream")
        try:
            text = zlib.decompressobj().decompress(body, max(1, left))
        except zlib.error:
            continue
        left -= len(text)
        if left <= 0:
            return
        yield text.decode("utf-8", "replace")
    if b"\xfe\xff" in data:
        yield data[data.index(b"\xfe\xff") :].decode("utf-16-be", "ignore")


def _in_text(text: str) -> Iterator[Mapping[str, Any]]:
    if _MARK.replace('"', '""') in text:  # a cell of CSV doubles its quotes
        text = text.replace('""', '"')
    decoder = json.JSONDecoder()
    for at in islice(_places(text), _MOST_TRIES):
        try:
            found, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if is_reference(found):
            yield found


def _places(text: str) -> Iterator[int]:
    at = text.find(_MARK)
    while at >= 0:
        yield at
        at = text.find(_MARK, at + 1)
