"""The programs that people open reports with, as the tests run them."""

import csv
import os
import re
import subprocess
import unicodedata
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from tests.support.system_tools import require

_SECONDS = 280
_CSV_OF_ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


FONTS = Path(__file__).parents[4] / "services/reporting/documents/fonts"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
</fontconfig>
"""


def convert(folder: Path, files: Sequence[Path], kind: str) -> Path:
    """What LibreOffice makes of the files; the folder that holds it. A user profile of its own: nothing is shared.

    Its only fonts are those shipped with the reports: older ones of the same name lack Vietnamese letters.
    """
    office = require("soffice")
    out = folder / f"as-{kind.partition(':')[0]}"
    profile = (folder / "profile").as_uri()
    command = [
        office,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(out),
    ]
    settings = folder / "fonts.conf"
    settings.write_text(_FONTS.format(fonts=FONTS, cache=folder / "font-cache"), encoding="utf-8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(settings)}
    subprocess.run(
        [*command, *map(str, files)], check=True, capture_output=True, timeout=_SECONDS, env=environment
    )
    return out


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
