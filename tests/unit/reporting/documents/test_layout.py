"""How tables stand on a page, and in which words and formats their numbers are written."""

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from pypdf import PdfReader

from services.reporting.documents import render_pdf, render_xlsx
from services.reporting.documents.document import Annex, Cell, Document, Row, RowKind, Table
from services.reporting.documents.layout import LANDSCAPE, PORTRAIT, length, size_of, widths
from services.reporting.documents.planning import Answer, Ask
from tests.support.packs import COMMUNE, DISTRICT
from tests.unit.reporting.documents.made import made, of, said, shown, table

DAMAGE = 4_728_000_000


def large(ask: Ask) -> Answer | None:
    """Sums of money as a province has them, this year and the year before."""
    if ask.figure == "fires.damage_vnd":
        value = DAMAGE if ask.times.last.year == 2022 else DAMAGE + 1_640_000_000
        return Answer(value, None if ask.by is None else {DISTRICT: value, "dwelling": value})
    return Answer(1, None if ask.by is None else {DISTRICT: 1})


def tables(document: Document) -> list[tuple[Table, Annex | None]]:
    inside = [(block, None) for block in document.body if isinstance(block, Table)]
    behind = [
        (block, annex) for annex in document.annexes for block in annex.blocks if isinstance(block, Table)
    ]
    return [*inside, *behind]


@pytest.mark.parametrize("name", ["annual", "health", "police", "fires-conflicts"])
def test_no_number_and_no_word_of_a_heading_is_wider_than_its_column(name: str) -> None:
    for found, annex in tables(made(name, large)):
        room = widths(found, annex)
        assert sum(room) == pytest.approx(LANDSCAPE if annex is not None and annex.wide else PORTRAIT)
        size = size_of(found, annex)
        for at, (column, width) in enumerate(zip(found.columns, room, strict=True)):
            assert all(length(word, size) < width for word in column.title.split()), (found.key, column.title)
            if column.kind in ("number", "percent", "change"):
                numbers = [row.cells[at].shown for row in found.rows]
                assert all(length(number, size) < width for number in numbers), (found.key, column.title)


def test_the_name_of_a_group_stands_above_no_row_that_is_of_no_group() -> None:
    # Given a group of three rows, and so many rows of no group that they run over two more pages
    document = made("annual", large)
    found = document.tables()[0]

    def row(kind: RowKind, name: str) -> Row:
        cells = (Cell(name, name) if column.kind == "label" else Cell("1", 1) for column in found.columns)
        return Row(tuple(cells), kind, name)

    rows = (row("group", "NHÓM"), *(row("data", f"Xã {at}") for at in range(3)), row("total", "TỔNG"))
    rows += tuple(row("overlap", f"Trùng {at}") for at in range(90))
    body = (replace(found, rows=rows), document.body[-1])
    file = render_pdf.render(replace(document, body=body, annexes=()))
    # Then its name is printed once
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(file)).pages]
    assert sum("Trùng" in page for page in pages) > 1
    assert sum(page.count("NHÓM") for page in pages) == 1
    assert sum(page.count("TỔNG") for page in pages) == 1


def test_an_only_annex_has_no_number() -> None:
    document = made("health", large, {"year": "2023", "area": COMMUNE})
    assert [annex.number for annex in document.annexes] == [""]
    assert "Kèm theo báo cáo: Phụ lục: Chú giải số liệu." in said(document)


def test_communes_left_unclassified_because_nothing_was_recorded_are_no_number_of_the_year_before() -> None:
    def answers(ask: Ask) -> Answer | None:
        if ask.times.last.year == 2022 and ask.figure in (
            "areas.risk.unclassified",
            "areas.without_drug_problem",
        ):
            return Answer(235)
        if ask.times.last.year == 2022 and ask.figure == "areas.with_drug_problem":
            return Answer(215)
        return of({"areas.risk.unclassified": 6, "areas.risk.high": 12, "areas.without_drug_problem": 51})(
            ask
        )

    places = table(made("police", answers), "places")
    assert shown(places, "areas.risk.unclassified")[-2:] == ["–", "–"]
    assert shown(places, "areas.without_drug_problem")[-2:] == ["235", "−184"]


@pytest.mark.hai_duong("the kinds of its communes")
def test_communes_are_called_by_the_kinds_that_there_are_on_the_day() -> None:
    for year, kinds in (("2023", "xã, phường, thị trấn"), ("2025", "xã, phường, đặc khu")):
        document = made("police", large, {"year": year, **({"area": "31"} if year == "2025" else {})})
        assert f"Phòng, chống ma túy theo {kinds}" in [annex.title for annex in document.annexes]
        assert f"{kinds} có tệ nạn ma túy" in said(document)


def test_a_workbook_shows_decimals_where_there_are_some_and_only_there() -> None:
    def grams(ask: Ask) -> Answer | None:
        value = Decimal("17550.94") if ask.figure == "drug_cases.seized_grams" else 3
        return Answer(value, None if ask.by is None else {})

    book = openpyxl.load_workbook(io.BytesIO(render_xlsx.render(made("police", grams))))
    sheet = next(one for one in book.worksheets if "tội phạm" in str(one["A1"].value))
    formats = {
        row[len(row) - 1].value: next(cell for cell in row if cell.value in (3, 17550.94)).number_format
        for row in sheet.iter_rows(min_row=6)
        if str(row[len(row) - 1].value).startswith("drug_cases.")
    }
    assert formats["drug_cases.seized_grams"].endswith("#,##0.00")
    assert formats["drug_cases.detected"].endswith("#,##0")


def test_a_sheet_is_named_by_its_table_also_where_that_has_no_number() -> None:
    document = made("health", large)
    changed = Table(
        "revisions", "", "Số liệu thay đổi sau khi chốt", document.tables()[0].columns, (), "revision"
    )
    annexes = (*document.annexes, Annex("III", changed.title, (changed,)))
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx.render(replace(document, annexes=annexes))))
    assert "Số liệu thay đổi sau khi chốt" in book.sheetnames
    assert all(len(name) <= 31 for name in book.sheetnames)
