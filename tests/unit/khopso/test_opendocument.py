"""Spreadsheets of LibreOffice (.ods): read as the same workbook is read from .xlsx, and as safely."""

import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.comments import Comment

from contracts.forms import FORMS
from khopso.registers.source import open_sheets
from registerfiles.failure import ContentError
from registerfiles.register_file import read_register
from registerfiles.rows import Cell, Row, Sheet
from tests.support.system_tools import require
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW
from tests.unit.khopso.conftest import Khopso

TABLE: list[list[object]] = [
    ["Nội dung", "Số lượng", "Tỷ lệ %", "Nhóm", "Vai trò"],
    ["Vụ mâu thuẫn", 374, "", "kết quả", "tổng"],
    ["Ổn định", 196, 52.4, "kết quả", ""],
    ["Chưa ổn định", 118, 31.6, "kết quả", ""],
    ["Đang giải quyết", 60, 16.5, "kết quả", ""],
]
# A spreadsheet knows no time zones.
_MOMENT = datetime.fromisoformat("2023-04-11T08:30:00")
_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def opened_by_office(workbook: Path) -> Path:
    """What LibreOffice saves as .ods of a workbook."""
    folder = workbook.parent
    subprocess.run(
        [
            require("soffice"),
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            *("--convert-to", "ods", "--outdir", str(folder), str(workbook)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return workbook.with_suffix(".ods")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workbook with everything that the readers tell, and LibreOffice's copy of it as .ods."""
    folder = tmp_path_factory.mktemp("office")
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Tháng 1"
    first.append(["SỔ THEO DÕI MÂU THUẪN"])
    first.append([])
    first.append([*CONFLICT_HEADER, "Tỷ lệ", "Lúc"])
    first.append([*CONFLICT_ROW, 0.783, _MOMENT])
    first.append(["MT-2", "10513", date(2023, 4, 12), 2, "land", 1500, "in_progress", True])
    first.append(["MT-3", "Ví  dụ\nhai dòng", "", 1, "land", "=1+1", "in_progress"])
    first.append(["MT-3", "10513", "11/04/2023", 1, "land", 2, "in_progress"])
    first.append(["MT-3", "10513", "11/04/2023", 1, "land", 2, "in_progress"])
    first["I4"].number_format = "0.0%"
    first["A4"].comment = Comment("ghi chú không phải là giá trị", "kiểm thử")
    first.row_dimensions[5].hidden = True
    first.merge_cells("B7:B8")
    second = book.create_sheet("Nháp")
    second.append(["ẩn"])
    second.sheet_state = "hidden"
    book.create_sheet("Trống")
    book.save(folder / "so.xlsx")
    return folder / "so.xlsx", opened_by_office(folder / "so.xlsx")


def _filled(sheet: Sheet) -> dict[tuple[int, int], Cell]:
    return {
        (row.number, column): cell
        for row in sheet.lines
        for column, cell in enumerate(row.cells)
        if cell is not None and column not in row.faults
    }


def _formulas(rows: list[Row]) -> set[tuple[int, int, str]]:
    return {(row.number, column, fault.rule) for row in rows for column, fault in row.faults.items()}


def test_the_same_workbook_is_read_the_same_from_both_formats(both: tuple[Path, Path]) -> None:
    excel, office = (open_sheets(path) for path in both)
    assert [(each.name, each.hidden) for each in office] == [("Tháng 1", False), ("Nháp", True)]
    assert [(each.name, each.hidden) for each in excel] == [("Tháng 1", False), ("Nháp", True)]
    for one, other in zip(excel, office, strict=True):
        assert _filled(other) == _filled(one)
        assert _formulas(list(other.lines)) == _formulas(list(one.lines))
        assert (other.total, other.hidden_rows, other.percent) == (one.total, one.hidden_rows, one.percent)
        assert list(other.merges) == list(one.merges)


def test_what_a_spreadsheet_holds_is_what_it_shows(both: tuple[Path, Path]) -> None:
    sheet = open_sheets(both[1])[0]
    found = _filled(sheet)
    assert found[4, 0] == "MT-1"
    assert found[4, 8] == pytest.approx(0.783)
    assert found[4, 9] == _MOMENT
    assert found[5, 2] == date(2023, 4, 12)
    assert found[6, 1] == "Ví  dụ\nhai dòng"
    assert sheet.hidden_rows == {5}
    assert (4, 8) in sheet.percent
    assert [(each.first, each.last) for each in sheet.merges] == [((7, 1), (8, 1))]


def _document(folder: Path, body: str, head: str = "") -> Path:
    path = folder / "so.ods"
    content = f"{head}<office:document-content {_SPACES}><office:body><office:spreadsheet>{body}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def _row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(f'<table:table-cell><text:p>{cell}</text:p></table:table-cell>' for cell in cells)}</table:table-row>"


def test_rows_that_are_repeated_are_all_there_and_blank_ones_take_no_room(tmp_path: Path) -> None:
    again, blank = ' table:number-rows-repeated="3"', ' table:number-rows-repeated="1048570"'
    body = f'<table:table table:name="A">{_row(*CONFLICT_HEADER)}{_row(*map(str, CONFLICT_ROW), more=again)}'
    body += f"<table:table-row{blank}><table:table-cell/></table:table-row></table:table>"
    reading = read_register(FORMS["conflicts"], open_sheets(_document(tmp_path, body)), FORMS)
    (part,) = reading.parts
    assert [row.number for row in part.rows()] == [2, 3, 4]
    assert part.sheet.total == 4


@pytest.mark.parametrize(
    ("body", "head", "rule"),
    [
        (_row("x", more=' table:number-rows-repeated="9999999"'), "", "file_too_wide"),
        (
            '<table:table-row><table:table-cell table:number-columns-repeated="9999999"><text:p>x</text:p>'
            "</table:table-cell></table:table-row>",
            "",
            "file_too_wide",
        ),
        (_row("x", more=' table:number-rows-repeated="10000000000"'), "", "file_not_xlsx"),
        (
            '<table:table-row><table:table-cell office:value-type="float" office:value="một"/></table:table-row>',
            "",
            "file_not_xlsx",
        ),
        (_row("x"), '<!DOCTYPE a [<!ENTITY b "c">]>', "file_not_xlsx"),
        (_row("x") + "<table:table-row>", "", "file_not_xlsx"),
        ("", "", "file_empty"),
    ],
)
def test_a_document_that_no_office_program_writes_is_refused(
    tmp_path: Path, body: str, head: str, rule: str
) -> None:
    document = _document(tmp_path, f'<table:table table:name="A">{body}</table:table>', head)
    with pytest.raises(ContentError) as refused:
        open_sheets(document)
    assert refused.value.rule == rule


def test_another_archive_is_no_spreadsheet(tmp_path: Path, both: tuple[Path, Path]) -> None:
    renamed = tmp_path / "so.ods"
    renamed.write_bytes(both[0].read_bytes())
    with pytest.raises(ContentError) as refused:
        open_sheets(renamed)
    assert refused.value.rule == "file_not_xlsx"


def test_a_table_counts_as_the_spreadsheet_shows_it(khopso: Khopso, tmp_path: Path) -> None:
    """52.4 % is what a reader sees; the cell holds 0.5241."""
    file = tmp_path / "bang.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        percent, one_place = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": "0.0"})
        for number, row in enumerate(TABLE):
            sheet.write_row(number, 0, row)
        sheet.write_number(2, 2, 0.5241, percent)
        sheet.write_number(4, 2, 16.5, one_place)
    excel, office = (khopso("check-table", each, "--json") for each in (file, opened_by_office(file)))
    assert [(each["rule"], each["rows"]) for each in office.document["findings"]] == [
        ("table.percent_sum", [3, 4, 5]),
        ("table.percent_wrong", [5]),
    ]
    assert office.document["findings"] == excel.document["findings"]
