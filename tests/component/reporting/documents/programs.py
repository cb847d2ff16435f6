"""The programs that people open reports with, as the tests run them."""

import csv
import re
import subprocess
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from tests.support.office import convert
from tests.support.system_tools import require

_SECONDS = 280
_CSV_OF_ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def recalculated(folder: Path, book: Path) -> dict[str, list[list[str]]]:
    """Every sheet of a workbook as LibreOffice computes it: the stored values of formulas are taken out before."""
    bare = folder / "bare.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            target.writestr(entry, content)
    out = convert(folder, [bare], _CSV_OF_ALL_SHEETS)
    sheets = {}
    for path in sorted(out.glob("bare-*.csv")):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        sheets[path.stem.removeprefix("bare-")] = lines
    return {name: list(csv.reader(lines)) for name, lines in sheets.items()}


def text_of(pdf: bytes) -> str:
    """All words of a PDF but the page numbers, every white space one blank."""
    pages = [page.extract_text().strip() for page in PdfReader(BytesIO(pdf)).pages]
    text = " ".join(re.sub(r"^\d+\s", "", page) for page in pages)
    assert unicodedata.is_normalized("NFC", text)
    return re.sub(r"\s+", " ", text)


def pictures(folder: Path, pdf: Path, pages: int) -> list[bytes]:
    """The first pages as pictures (portable grey maps)."""
    command = [require("pdftoppm"), "-gray", "-r", "50", "-l", str(pages), str(pdf), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    return [path.read_bytes() for path in sorted(folder.glob("page-*.pgm"))]
