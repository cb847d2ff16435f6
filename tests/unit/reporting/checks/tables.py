"""Tables of the tests, as a clerk would type them: one tuple per line."""

from tablecheck.arithmetic import check_table
from tablecheck.model import Finding, Line
from tablecheck.reading import read_lines
from tests.support.packs import PROVINCE

COLUMNS = ("label", "value", "percent", "of", "group", "role", "unit", "area", "as_of")
Row = tuple[str, ...]


def lines(*rows: Row) -> list[Line]:
    """Lines from tuples (label, value, percent, of, group, role, unit, area, as_of); later cells may be left out."""
    cells = [(number, dict(zip(COLUMNS, row, strict=False))) for number, row in enumerate(rows, 2)]
    found, faults = read_lines(cells)
    assert faults == []
    return found


def findings(*rows: Row) -> list[Finding]:
    return check_table(lines(*rows))


def rules(*rows: Row) -> set[tuple[str, str]]:
    """Rule and first label of each finding."""
    return {(finding.rule, finding.labels[0]) for finding in findings(*rows)}


REPORT_2023: tuple[Row, ...] = (
    ("Phức tạp", "12", "", "", "trật tự", "", "xã", PROVINCE, "31/12/2023"),
    ("Tiềm ẩn", "29", "", "", "trật tự", "", "xã", PROVINCE, "31/12/2023"),
    ("Ít phức tạp", "188", "", "", "trật tự", "", "xã", PROVINCE, "31/12/2023"),
    ("Có tệ nạn ma túy", "184", "78,3", "", "ma túy", "", "xã", PROVINCE, "14/12/2023"),
    ("Không có tệ nạn ma túy", "51", "21,7", "", "ma túy", "", "xã", PROVINCE, "14/12/2023"),
    ("Vụ mâu thuẫn", "374", "", "", "kết quả", "total", "vụ"),
    ("Ổn định", "196", "52", "", "kết quả", "", "vụ"),
    ("Không ổn định", "118", "31,5", "", "kết quả", "", "vụ"),
    ("Đang giải quyết", "60", "16,5", "", "kết quả", "", "vụ"),
    ("Mức độ 1", "120", "32", "Vụ mâu thuẫn", "mức độ", "", "vụ"),
    ("Mức độ 2", "184", "49", "Vụ mâu thuẫn", "mức độ", "", "vụ"),
    ("Mức độ 3", "70", "19", "Vụ mâu thuẫn", "mức độ", "", "vụ"),
    ("Tổng theo nguyên nhân", "374", "", "", "nguyên nhân", "total", "vụ"),
    ("Đất đai", "181", "48", "", "nguyên nhân", "", "vụ"),
    ("Sinh hoạt", "98", "26", "", "nguyên nhân", "", "vụ"),
    ("Kéo dài", "108", "", "", "", "of_which", "vụ"),
    ("Tổng kéo dài", "108", "", "", "kéo dài", "total", "vụ"),
    ("Kéo dài do đất đai", "83", "76,8", "", "kéo dài", "", "vụ"),
    ("Kéo dài do kinh tế", "11", "10", "", "kéo dài", "", "vụ"),
    ("Kéo dài do tình ái", "4", "3,7", "", "kéo dài", "", "vụ"),
    ("Kéo dài do nguyên nhân khác", "10", "9,2", "", "kéo dài", "other", "vụ"),
)
"""The shares and parts of the 2023 report as they are printed there."""
