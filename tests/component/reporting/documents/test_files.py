"""The files of a report, opened by the programs that people use: the same numbers in all, whole, printable."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import httpx
import openpyxl
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from tests.component.reporting.documents.programs import pictures, recalculated, text_of
from tests.support.office import convert

YEAR = {"year": "2023"}
NAMES = ("annual", "health", "police", "fires-conflicts", "reconciliation")


def inner(found: Any) -> Any:
    """An object of a PDF, behind a reference or not; what it holds depends on its kind."""
    return found.get_object()


_FETCHED: dict[tuple[str, str], bytes] = {}


async def file(client: httpx.AsyncClient, name: str, kind: str) -> bytes:
    """The report of 2023 in a format; asked for once, for all tests of this file."""
    if (name, kind) not in _FETCHED:
        answer = await client.get(
            f"/v1/reports/{name}.{kind}", params=YEAR, headers={"Authorization": "Bearer committee"}
        )
        assert answer.status_code == 200, answer.text
        _FETCHED[name, kind] = answer.content
    return _FETCHED[name, kind]


async def document(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await file(client, name, "json"))
    return found


def blocks(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from made["body"]
    for annex in made["annexes"]:
        yield from annex["blocks"]


def printed(made: dict[str, Any]) -> Iterator[str]:
    """Every sentence and every cell of a document, as printed, without the marks."""
    for block in blocks(made):
        if block["type"] == "table":
            for row in block["rows"]:
                yield from (cell["shown"] for cell in row["cells"] if cell["shown"])
        elif block["type"] == "paragraph":
            for run in block["runs"]:
                yield run["text"] if run["type"] == "text" else run["shown"]


def words(text: str) -> str:
    """Without white space and marks: lines break where a page ends them."""
    return re.sub(r"\s+", "", re.sub(r"\(\d+\)", "", text))


@pytest.mark.parametrize("name", NAMES)
async def test_the_text_of_the_pdf_is_whole_its_fonts_are_in_it_and_every_number_is_printed(
    client: httpx.AsyncClient, name: str
) -> None:
    made, content = await document(client, name), await file(client, name, "pdf")
    text = words(text_of(content))
    assert words("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc") in text
    assert words(made["subject"]) in text
    missing = [one for one in printed(made) if words(one) not in text]
    assert missing == []
    reader = PdfReader(io.BytesIO(content))
    fonts = [
        inner(inner(font)["/DescendantFonts"][0])["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in inner(inner(page["/Resources"])["/Font"]).values()
    ]
    assert all("LiberationSerif" in font["/FontName"] for font in fonts)
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
    root = inner(reader.trailer["/Root"])
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfaid" in root["/Metadata"].get_data()


async def test_pages_are_numbered_at_the_top_from_the_second_and_each_annex_counts_its_own(
    client: httpx.AsyncClient,
) -> None:
    made = await document(client, "annual")
    reader = PdfReader(io.BytesIO(await file(client, "annual", "pdf")))
    firsts = [page.extract_text().split("\n")[0].strip() for page in reader.pages]
    starts = [0, *(at for at, first in enumerate(firsts) if first.startswith("Phụ lục"))]
    assert [firsts[at] for at in starts[1:]] == [f"Phụ lục {annex['number']}" for annex in made["annexes"]]
    assert firsts[0] != "1"
    for start, end in zip(starts, [*starts[1:], len(firsts)], strict=True):
        assert firsts[start + 1 : end] == [str(number) for number in range(2, end - start + 1)]
    widths = {
        (round(page.mediabox.width * 25.4 / 72), round(page.mediabox.height * 25.4 / 72))
        for page in reader.pages
    }
    assert widths == {(210, 297), (297, 210)}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_libreoffice_opens_the_documents_and_prints_every_word_of_them(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    files = []
    for name in NAMES:
        files.append(tmp_path / f"{name}.docx")
        files[-1].write_bytes(await file(client, name, "docx"))
    out = convert(tmp_path, files, "pdf")
    for name in NAMES:
        text = words(text_of((out / f"{name}.pdf").read_bytes()))
        missing = [one for one in printed(await document(client, name)) if words(one) not in text]
        assert (name, missing) == (name, [])
    grey = pictures(tmp_path, out / "health.pdf", 2)
    assert len(grey) == 2
    assert all(0.01 < _ink(page) < 0.5 for page in grey)


def _ink(page: bytes) -> float:
    """The share of a picture's dots that are dark."""
    _, _, rest = page.split(b"\n", 2)
    dots = rest.split(b"\n", 1)[1]
    return sum(dot < 128 for dot in dots) / len(dots)


async def test_annexes_are_numbered_without_a_gap_and_named_in_the_document(
    client: httpx.AsyncClient,
) -> None:
    made = await document(client, "annual")
    numbers = [annex["number"] for annex in made["annexes"]]
    assert numbers == ["I", "II", "III", "IV", "V", "VI"]
    sentences = list(printed(made))
    for annex in made["annexes"]:
        assert any(f"Phụ lục {annex['number']}: {annex['title']}" in one for one in sentences)


async def test_the_document_can_be_edited_styles_heads_and_fields_are_real(client: httpx.AsyncClient) -> None:
    made = docx.Document(io.BytesIO(await file(client, "annual", "docx")))
    styles = {paragraph.style.name for paragraph in made.paragraphs if paragraph.style is not None}
    assert {"Heading 1", "Heading 2", "Caption", "Title", "Normal"} <= styles
    assert made.styles["Normal"].font.name == "Times New Roman"
    assert made.styles["Normal"].font.size.pt == 13
    tables = [table for table in made.tables if table.style is not None and table.style.name == "Table Grid"]
    assert len(tables) > 15
    for table in tables:
        first, *others = table._tbl.tr_lst
        assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert others
        caption = table._tbl.tblPr.find(qn("w:tblCaption"))
        assert caption is not None
        assert caption.get(qn("w:val"))
    section = made.sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    margins = [getattr(section, f"{side}_margin").mm for side in ("top", "bottom", "left", "right")]
    assert [20 <= round(margins[0]) <= 25, 20 <= round(margins[1]) <= 25] == [True, True]
    assert 30 <= round(margins[2]) <= 35
    assert 15 <= round(margins[3]) <= 20
    assert 'w:val="vi-VN"' in made.styles.element.xml


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_what_libreoffice_computes_in_the_workbook_is_what_is_stored_in_it(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    content = await file(client, "annual", "xlsx")
    path = tmp_path / "annual.xlsx"
    path.write_bytes(content)
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    computed = recalculated(tmp_path, path)
    checked, commas, wrong = 0, 0, []
    for sheet in formulas.worksheets:
        rows = computed[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    checked += 1
                    found = rows[cell.row - 1][cell.column - 1]
                    kept = stored[sheet.title].cell(cell.row, cell.column).value
                    commas += "," in found
                    if Decimal(found.replace(",", ".")) != Decimal(str(kept)):
                        wrong.append((sheet.title, cell.coordinate, cell.value, found, kept))
    assert wrong == []
    assert checked > 100
    assert commas  # decimals are written as in Việt Nam, whatever the machine's language


async def test_the_workbook_filters_freezes_prints_and_holds_the_numbers_of_the_report(
    client: httpx.AsyncClient,
) -> None:
    made = await document(client, "annual")
    book = openpyxl.load_workbook(io.BytesIO(await file(client, "annual", "xlsx")), data_only=True)
    tables = [block for block in blocks(made) if block["type"] == "table"]
    assert book.sheetnames[0] == "Báo cáo"
    assert "Định nghĩa" in book.sheetnames
    assert book.sheetnames[-1] == "Nguồn gốc"
    assert len(book.sheetnames) == len(tables) + 2
    for table in tables:
        name = next(
            sheet
            for sheet in book.sheetnames
            if sheet == "Định nghĩa" or sheet.startswith(f"{table['number']}. ")
            if (table["key"] == "definitions") == (sheet == "Định nghĩa")
        )
        sheet = book[name]
        assert sheet.freeze_panes == "C6"
        assert sheet.auto_filter.ref
        assert sheet.page_setup.paperSize == 9
        # One page wide (the default of the attribute), as many high as it takes.
        pages = sheet.sheet_properties.pageSetUpPr
        assert pages is not None
        assert pages.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$4:$5"
        for at, row in enumerate(table["rows"]):
            for place, cell in enumerate(row["cells"]):
                found = sheet.cell(6 + at, 1 + place).value
                value = cell["value"]
                if isinstance(value, int | float):
                    assert found == value, (name, at, place)
                else:
                    assert (found or "") == cell["shown"], (name, at, place)


async def test_a_file_says_nothing_of_the_machine_that_made_it(client: httpx.AsyncClient) -> None:
    for kind in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(await file(client, "health", kind))) as package:
            assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = package.read("docProps/core.xml").decode()
            assert "python" not in core.lower()
            assert "2024-01-14" in core
