"""The chart under a table by area tells what the table tells, in each printed format, and nothing besides."""

import io
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from reference.pack.areas import area_book
from services.reporting.documents import render_docx, render_pdf
from services.reporting.documents.charting import chart_of
from services.reporting.documents.document import Document, Table
from services.reporting.documents.planning import Answer, Ask
from tests.support.packs import PROVINCE_UID
from tests.unit.reporting.documents.made import made, nought, table

pytestmark = pytest.mark.hai_duong("a province with three districts at least: fewer have no chart")
SVG = "{http://www.w3.org/2000/svg}"


def counted(ask: Ask) -> Answer:
    """By area 1, 2, 3 …, of the third one protected."""
    if ask.by != "area":
        return nought(ask)
    areas = [area.code for area in area_book().children(PROVINCE_UID, ask.times.last)]
    rows: dict[str, int | None] = {code: number for number, code in enumerate(areas, 1)}
    rows[areas[2]] = None
    return Answer(sum(value or 0 for value in rows.values()), rows, frozenset({areas[2]}))


@pytest.fixture(scope="module")
def document() -> Document:
    return made("annual", counted)


def charts(document: Document) -> list[Table]:
    return [block for block in document.body if isinstance(block, Table) and chart_of(block) is not None]


def test_bars_are_as_long_as_the_printed_numbers_and_a_protected_one_has_none(document: Document) -> None:
    # Given the fires by area
    fires = table(document, "fires-areas")
    # When the chart is drawn
    chart = chart_of(fires)
    assert chart is not None
    drawn = Xml.fromstring(chart.svg)
    bars = [(each.findtext(f"{SVG}title"), float(each.attrib["width"])) for each in drawn.iter(f"{SVG}rect")]
    # Then each bar is named as the row, and as long as its number
    rows = [row for row in fires.rows if row.kind == "data"]
    assert [name for name, _ in bars] == [f"{row.cells[1].shown}: {row.cells[2].shown}" for row in rows]
    assert rows[2].cells[2].shown == "*"
    lengths = [width for _, width in bars]
    assert lengths[2] == 0
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.2)
    assert lengths[-1] == pytest.approx(len(rows) * lengths[0], abs=0.2 * len(rows))
    # And whoever cannot see it is told the same
    assert all(f"{row.cells[1].shown} {row.cells[2].shown}" in chart.alternative for row in rows)


def test_only_tables_by_area_that_fit_a_page_have_a_chart(document: Document) -> None:
    assert {each.by for each in charts(document)} == {"area"}
    assert all(
        chart_of(block) is None
        for annex in document.annexes
        for block in annex.blocks
        if isinstance(block, Table) and len(block.rows) > 40
    )
    # Where nothing is known there is nothing to draw
    assert charts(made("annual", lambda ask: None)) == []


def test_the_file_to_edit_has_a_picture_for_each_chart_with_its_words(document: Document) -> None:
    made_file = render_docx.render(document)
    with zipfile.ZipFile(io.BytesIO(made_file)) as packed:
        text = packed.read("word/document.xml").decode()
        pictures = [name for name in packed.namelist() if name.startswith("word/media/")]
        assert all(packed.read(name).startswith(b"\x89PNG") for name in pictures)
    expected = charts(document)
    # Equal drawings are one picture in the file.
    assert 0 < len(pictures) <= len(expected)
    for number, each in enumerate(expected, 1):
        chart = chart_of(each)
        assert chart is not None
        assert f'name="Biểu đồ {number}"' in text
        assert f'descr="{chart.alternative}"' in text
    assert made_file == render_docx.render(document)


def test_the_printed_file_names_each_chart_and_says_its_words(document: Document, tmp_path: Path) -> None:
    printed = tmp_path / "report.pdf"
    printed.write_bytes(render_pdf.render(document))
    read = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True, text=True, check=True)
    said = " ".join(read.stdout.split())
    for number, each in enumerate(charts(document), 1):
        assert f"Biểu đồ {number}. {each.title}" in said
