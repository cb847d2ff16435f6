"""The reference that a report carries is found in every format, and reading a hostile file costs little."""

import io
import json
import zipfile
import zlib

import pytest

from proof import canonical, reference, references_in
from tests.support.closings import office

REFERENCE = reference(office(1)[0])
TEXT = canonical(REFERENCE).decode()


def archive(*parts: tuple[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in parts:
            written.writestr(name, text)
    return made.getvalue()


def pdf(*streams: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"".join(b"stream\n" + one + b"\nendstream\n" for one in streams)


@pytest.mark.parametrize(
    "file",
    [
        json.dumps({"report": "annual", "closing": REFERENCE}).encode(),
        json.dumps({"notes": ["a", {"text": f"see {TEXT}"}]}).encode(),
        ('report,table\n#closing,"' + TEXT.replace('"', '""') + '"\n').encode(),
        archive(("word/document.xml", "words"), ("docProps/custom.xml", TEXT.replace('"', "&quot;"))),
        pdf(zlib.compress(b"no reference"), zlib.compress(TEXT.encode())),
        b"%PDF-1.7 " + b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
    ids=["json", "json text", "csv", "archive", "pdf", "pdf in UTF-16"],
)
def test_the_reference_of_a_report_is_found(file: bytes) -> None:
    assert references_in(file) == [REFERENCE]


def test_what_grows_beyond_the_bound_is_not_read() -> None:
    bomb = " " * 5_000_000
    grown = archive(("a.xml", bomb), ("b.xml", TEXT))
    # The large part is passed over where it does not fit, and what fits beside it is read
    assert references_in(grown, 1_000_000) == [REFERENCE]
    assert references_in(archive(("a.xml", bomb + TEXT)), 1_000_000) == []
    streams = pdf(zlib.compress(bomb.encode()), zlib.compress(TEXT.encode()))
    assert references_in(streams, 1_000_000) == []
    assert references_in(streams) == [REFERENCE]


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"PK\x03\x04 no archive",
        archive(("a.xml", TEXT))[:-30],
        b"[" * 100_000,
        b'{"chain_entry":' * 5_000,
        b"%PDF" + b"stream" * 50_000,
        b"[" * 900 + b"]" * 900,
    ],
    ids=["empty", "no archive", "cut", "deep", "begun often", "no end", "nested"],
)
def test_a_file_that_holds_no_reference_holds_none_however_it_is_built(file: bytes) -> None:
    assert references_in(file) == []
