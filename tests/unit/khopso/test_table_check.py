"""`khopso check-table`: files of both kinds, findings as text and JSON, clear words for what cannot be read."""

import csv
from pathlib import Path

import pytest
import xlsxwriter

from khopso.registers.printed import shown
from tablecheck.reading import COLUMNS, EXAMPLE
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
    assert "60/374 = 16,04 %, làm tròn 16,0 %" in ran.out
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
    rows: list[list[object]] = [["phức tạp", 12, "xã"], ["tiềm ẩn", 29, "xã"], ["ít", 188, "xã"]]
    file = as_csv(
        tmp_path / "bang.csv", [[*row, "trật tự"] for row in rows], ["label", "value", "unit", "group"]
    )
    found = khopso("check-table", file, "--area", "30", "--as-of", "31/12/2023", "--json")
    assert [finding["rule"] for finding in found.document["findings"]] == ["table.communes_missing"]
    assert khopso("check-table", file).code == 0


def test_every_column_has_a_vietnamese_heading() -> None:
    assert all(COLUMNS.values())
