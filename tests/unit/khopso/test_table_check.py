"""`khopso check-table`: files of both kinds, findings as text and JSON, clear words for what cannot be read."""

import csv
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook

from khopso.registers.printed import shown
from reference import area_book
from tablecheck.reading import COLUMNS, EXAMPLE
from tests.support.cases import CASES
from tests.support.packs import PROVINCE, PROVINCE_UID
from tests.unit.khopso.conftest import Khopso

HEADER = ["Nội dung", "Số lượng", "Tỷ lệ %", "Nhóm", "Vai trò"]
ROWS: list[list[object]] = [
    ["Vụ mâu thuẫn", 374, "", "kết quả", "tổng"],
    ["Ổn định", 196, 52.4, "kết quả", ""],
    ["Chưa ổn định", 118, 31.6, "kết quả", ""],
    ["Đang giải quyết", 60, 16.5, "kết quả", ""],
]


def as_csv(path: Path, rows: list[list[object]], header: list[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def as_xlsx(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *rows]):
            sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_the_share_that_does_not_follow_from_its_count_is_found_in_either_file(
    khopso: Khopso, tmp_path: Path, kind: str
) -> None:
    file = as_csv(tmp_path / "bang.csv", ROWS) if kind == ".csv" else as_xlsx(tmp_path / "bang.xlsx", ROWS)
    ran = khopso("check-table", file, "--json")
    assert ran.code == 1
    assert [(found["rule"], found["rows"], found["corrected"]) for found in ran.document["findings"]] == [
        ("table.percent_sum", [3, 4, 5], "100.0"),
        ("table.percent_wrong", [5], "16.0"),
    ]


def test_percentages_count_as_the_workbook_prints_them(khopso: Khopso, tmp_path: Path) -> None:
    """52.4 % and 16 with one decimal are what a reader sees, whatever the cell holds."""
    file = tmp_path / "bang.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        percent, one_place = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": "0.0"})
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(ROWS, 1):
            sheet.write_row(number, 0, row)
        sheet.write_number(2, 2, 0.5241, percent)
        sheet.write_number(3, 2, 31.6, one_place)
        sheet.write_number(4, 2, 16, one_place)
        sheet.write_formula(1, 1, "=SUM(B3:B5)", None, 374)
    ran = khopso("check-table", file, "--json")
    assert (ran.code, ran.document["findings"], ran.document["faults"]) == (0, [], [])


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (16, "0.0", "16,0"),
        (0.165, "0%", "17 %"),
        (0.165, "0.0%", "16,5 %"),
        (1234.5, "#,##0.00", "1234,50"),
        (12, 'General" %"', None),
        (12, "General", None),
        (True, "0.0", None),
        ("16,5", "0.0", None),
        (3, '0.0" %"', "3,0"),
    ],
)
def test_a_number_is_shown_in_its_format(value: object, number_format: str, expected: str | None) -> None:
    assert shown(value, number_format) == expected


def test_people_read_the_correction_in_both_languages(khopso: Khopso, tmp_path: Path) -> None:
    ran = khopso("check-table", as_csv(tmp_path / "bang.csv", ROWS))
    assert "60/374 = 16,04%, làm tròn 16,0%" in ran.out
    assert "60/374 = 16.04 %, rounded 16.0 %" in ran.out


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_the_template_holds_every_column_and_has_no_findings(
    khopso: Khopso, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"mau{kind}"
    assert khopso("check-table", file, "--template").code == 0
    ran = khopso("check-table", file, "--json")
    assert (ran.code, ran.document["findings"], ran.document["faults"]) == (0, [], [])
    assert ran.document["rows"] == len(EXAMPLE)


def test_cells_that_cannot_be_read_are_named_with_row_and_column(khopso: Khopso, tmp_path: Path) -> None:
    file = as_csv(
        tmp_path / "bang.csv",
        [["a", "mười", "", "g", ""], ["", "3", "", "g", ""], ["c", "1", "x", "", "vai"]],
    )
    ran = khopso("check-table", file, "--json")
    assert ran.code == 1
    assert [(fault["row"], fault["field"]) for fault in ran.document["faults"]] == [
        (2, "value"),
        (3, "label"),
        (4, "percent"),
        (4, "role"),
    ]


@pytest.mark.parametrize(
    ("header", "code", "rule"),
    [
        (["Số lượng"], 1, "table.no_label_column"),
        (["Nội dung", "Màu"], 1, "table.columns"),
        (["label", "Nội dung"], 1, "table.columns"),
    ],
)
def test_a_header_that_is_none_is_refused(
    khopso: Khopso, tmp_path: Path, header: list[str], code: int, rule: str
) -> None:
    ran = khopso("check-table", as_csv(tmp_path / "bang.csv", [["x", "y"]], header), "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (code, rule)


def test_a_missing_file_and_another_kind_of_file_are_wrong_use(khopso: Khopso, tmp_path: Path) -> None:
    (tmp_path / "bang.pdf").write_text("x")
    assert khopso("check-table", tmp_path / "none.csv").code == 2
    assert khopso("check-table", tmp_path / "bang.pdf").code == 2
    assert khopso("check-table", tmp_path / "bang.pdf", "--template").code == 2


def test_communes_are_counted_for_the_area_and_day_given(khopso: Khopso, tmp_path: Path) -> None:
    communes = len(area_book().communes(PROVINCE_UID, date(2023, 12, 31)))
    rows: list[list[object]] = [["phức tạp", communes - 1, "xã"], ["tiềm ẩn", 0, "xã"], ["ít", 0, "xã"]]
    file = as_csv(
        tmp_path / "bang.csv", [[*row, "trật tự"] for row in rows], ["label", "value", "unit", "group"]
    )
    found = khopso("check-table", file, "--area", PROVINCE, "--as-of", "31/12/2023", "--json")
    assert [finding["rule"] for finding in found.document["findings"]] == ["table.communes_missing"]
    assert khopso("check-table", file).code == 0


def test_every_column_has_a_vietnamese_heading() -> None:
    assert all(COLUMNS.values())


def _asked(khopso: Khopso, folder: Path, text: str) -> list[tuple[str, list[int]]]:
    """What is found in a table that is written as text, separated by semicolons; no cell of it is unreadable."""
    file = folder / "bang.csv"
    file.write_text(text, encoding="utf-8")
    ran = khopso("check-table", file, "--json")
    assert ran.document["faults"] == []
    return [(found["rule"], found["rows"]) for found in ran.document["findings"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # Case 38: thousands and decimals as in English; the shares prove it.
        ("Nội dung;Số lượng;Tỷ lệ %\nTổng;1,153;100\nNam;1,053;91.3\nNữ;100;8.7\n", []),
        (
            "Nội dung;Số lượng;Tỷ lệ %\nTổng;1,153;100\nNam;1,052;91.2\nNữ;100;8.7\n",
            [("table.other_missing", [3, 4, 2])],
        ),
        # A comma before three digits with decimal commas beside it stays a decimal sign.
        ("Nội dung;Số lượng\nTổng;2,653\nA;1,153\nB;1,5\n", []),
        ("STT;Nội dung;Số lượng\nI;Tổng;12\n1;Nam;7\n2;Nữ;6\n", [("table.parts_sum", [3, 4, 2])]),
        (
            "BẢNG TỔNG HỢP;\nNội dung;Số lượng;Tỷ lệ %\n(1);(2);(3)\nTổng;12;\nNam;7;\nNữ;6;\n",
            [("table.parts_sum", [5, 6, 4])],
        ),
        ("Nội dung;Số lượng\nTổng số vụ;12*\nNam;7\nNữ;6 ²\n", [("table.parts_sum", [3, 4, 2])]),
        ("Nội dung;Số lượng\nChênh lệch;−3\n", []),
        ("Nội dung;Số lượng\nTổng số vụ;12\nTrong đó: ban đêm;5\nNgày;4\n", []),
        (
            "Nội dung;Số lượng\nTổng số vụ;12\nTrong đó: ban đêm;5\nNgày;14\n",
            [("table.part_exceeds", [4])],
        ),
        # A total above its parts and once more below them is one total; of two, nobody knows which lines make up which.
        ("Nội dung;Số lượng\nTổng số;12\nNam;7\nNữ;5\nTổng cộng;12\n", []),
        ("Nội dung;Số lượng\nTổng số;12\nNam;7\nNữ;6\nTổng cộng:;12\n", [("table.parts_sum", [3, 4, 2])]),
        ("Nội dung;Số lượng\nTổng số;12\nNam;7\nNữ;5\nTổng cộng;13\n", [("table.totals_open", [2, 5])]),
        (
            "Nội dung;Số lượng\nTổng số nam;12\nA;7\nB;6\nTổng số nữ;3\nC;1\nD;2\n",
            [("table.totals_open", [2, 5])],
        ),
        (
            "Nội dung;Số lượng;Nhóm\nTổng số nam;12;1\nA;7;1\nB;6;1\nTổng số nữ;3;2\nC;1;2\nD;2;2\n",
            [("table.parts_sum", [3, 4, 2])],
        ),
    ],
)
def test_tables_as_offices_write_them(
    khopso: Khopso, tmp_path: Path, text: str, found: list[tuple[str, list[int]]]
) -> None:
    assert _asked(khopso, tmp_path, text) == found


@pytest.mark.parametrize(
    ("name", "rows", "found", "faults"),
    [
        ("approx.csv", 2, [], [(3, "percent")]),
        ("dash.csv", 3, [], []),
        ("en-thousands.csv", 3, [], []),
        ("footnote.csv", 3, [], []),
        ("nbsp.csv", 3, [], []),
        ("neg.csv", 1, [], [(2, "value")]),
        ("perc-nospace.csv", 3, [], []),
        ("phan-tram.xlsx", 3, [], []),
        ("roman.csv", 3, [], []),
        ("trong-do.csv", 3, [], []),
        ("two-totals.csv", 4, [], []),
        ("vn.csv", 3, [], []),
        ("words.csv", 0, [], [(2, "value"), (3, "value"), (4, "value")]),
        ("zero-part.csv", 3, [("table.percent_sum_open", [3, 4])], []),
        # 0.524 that shows 0,5% or 0,524 says half a percent of 374.
        ("dinh-dang-dac-biet.xlsx", 3, [("table.percent_wrong", [2]), ("table.percent_wrong", [3])], []),
        ("tieu-de.xlsx", 3, [("table.percent_wrong", [3]), ("table.percent_wrong", [4])], []),
    ],
)
def test_the_tables_of_case_38_are_read_as_offices_mean_them(
    khopso: Khopso, name: str, rows: int, found: list[tuple[str, list[int]]], faults: list[tuple[int, str]]
) -> None:
    ran = khopso("check-table", CASES / f"check-table-{name}", "--json")
    assert ran.document["rows"] == rows
    assert [(fault["row"], fault["field"]) for fault in ran.document["faults"]] == faults
    told = [(finding["rule"], finding["rows"]) for finding in ran.document["findings"]]
    assert [each for each in told if each in found] == found
    assert bool(told) == bool(found)
    assert ran.code == (1 if found or faults else 0)


def test_formulas_that_nobody_has_computed_are_no_table_without_findings(
    khopso: Khopso, tmp_path: Path
) -> None:
    """Written by a program and never opened: three rows and no finding was the answer."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER[:2], ["Tổng", "=SUM(B3:B4)"], ["Nam", 7], ["Nữ", 6]):
        sheet.append(row)
    book.save(tmp_path / "bang.xlsx")
    ran = khopso("check-table", tmp_path / "bang.xlsx", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (1, "table.formula_empty")
    assert "B2" in ran.document["error"]["message"]["vi"]


def test_a_hidden_sheet_is_not_the_table_and_formats_are_those_of_the_sheet_that_is_read(
    khopso: Khopso, tmp_path: Path
) -> None:
    file = tmp_path / "bang.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        hidden, shown_sheet = book.add_worksheet("Nháp"), book.add_worksheet("Bảng")
        hidden.write_row(0, 0, ["Nội dung", "Số lượng"])
        hidden.write_row(1, 0, ["Tổng", 1])
        hidden.hide()
        shown_sheet.activate()
        shown_sheet.write_row(0, 0, ["BẢNG 1"])
        shown_sheet.write_row(1, 0, HEADER)
        for number, row in enumerate(ROWS, 2):
            shown_sheet.write_row(number, 0, row)
        shown_sheet.write_number(3, 2, 0.5241, book.add_format({"num_format": "0.0%"}))
        shown_sheet.write_number(5, 2, 16, book.add_format({"num_format": "0.0"}))
    ran = khopso("check-table", file, "--json")
    assert (ran.document["rows"], ran.document["findings"], ran.document["faults"]) == (4, [], [])
