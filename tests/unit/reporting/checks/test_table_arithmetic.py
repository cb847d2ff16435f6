"""Tables checked by their own numbers: the slips of the 2023 report are found, and none is invented elsewhere."""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import area_book
from tablecheck.arithmetic import check_table
from tablecheck.model import Line
from tablecheck.reading import count_of, percent_of
from tests.support.packs import PROVINCE, PROVINCE_UID
from tests.unit.reporting.checks.tables import REPORT_2023, Row, findings, lines, rules

IN_2023, IN_2024 = (len(area_book().communes(PROVINCE_UID, date(year, 12, 31))) for year in (2023, 2024))
"""Communes of the province: 235 and 207 in Hải Dương."""
KEY = min(3, IN_2023)


def corrected(rule: str, *rows: Row) -> dict[str, str | None]:
    """First label → corrected value of a rule's findings."""
    return {found.labels[0]: found.corrected for found in findings(*rows) if found.rule == rule}


@pytest.mark.hai_duong("its communes in the report of 2023")
def test_the_six_communes_missing_from_the_risk_classes_are_found() -> None:
    (found,) = [finding for finding in findings(*REPORT_2023) if finding.rule == "table.communes_missing"]
    assert (found.numbers, found.stated, found.corrected) == ((2, 3, 4), "229", "235")
    assert "6 are unclassified" in found.message.en


@pytest.mark.hai_duong("its communes in the report of 2023")
def test_a_share_that_is_only_what_the_others_leave_is_found_with_its_true_value() -> None:
    assert corrected("table.residual_share", *REPORT_2023) == {"Đang giải quyết": "16.0"}
    (text,) = [
        finding.message for finding in findings(*REPORT_2023) if finding.rule == "table.residual_share"
    ]
    assert "100 − 52 − 31,5" in text.vi
    assert "100 − 52 − 31.5" in text.en


def test_shares_cut_off_instead_of_rounded_are_found_and_so_is_the_sum_that_they_spoil() -> None:
    assert corrected("table.truncated", *REPORT_2023) == {
        "Không ổn định": "31.6",
        "Kéo dài do đất đai": "76.9",
        "Kéo dài do nguyên nhân khác": "9.3",
    }
    (sum_,) = [finding for finding in findings(*REPORT_2023) if finding.rule == "table.percent_sum"]
    assert (sum_.stated, sum_.corrected, sum_.numbers) == ("99.7", "100.1", (19, 20, 21, 22))


def test_a_share_printed_more_coarsely_than_its_neighbours_is_a_notice() -> None:
    found = [finding for finding in findings(*REPORT_2023) if finding.rule == "table.mixed_precision"]
    assert [(finding.labels[0], finding.corrected, finding.severity) for finding in found] == [
        ("Ổn định", "52.4", "notice"),
        ("Kéo dài do kinh tế", "10.2", "notice"),
    ]


def test_causes_that_nobody_itemised_are_named_as_the_missing_other_line() -> None:
    (found,) = [finding for finding in findings(*REPORT_2023) if finding.rule == "table.other_missing"]
    assert (found.labels, found.corrected) == (("Đất đai", "Sinh hoạt", "Tổng theo nguyên nhân"), "95")
    assert "25.4 %" in found.message.en
    assert "25,4%" in found.message.vi


def test_a_subset_without_a_stated_whole_is_found() -> None:
    assert corrected("table.base_missing", *REPORT_2023) == {"Kéo dài": None}


@pytest.mark.hai_duong("its communes in the report of 2023")
def test_nothing_else_is_found_in_the_report() -> None:
    assert len(findings(*REPORT_2023)) == 10


@pytest.mark.hai_duong("its communes in the report of 2023")
def test_the_report_with_every_correction_made_has_no_findings() -> None:
    mended: dict[str, tuple[int, str]] = {
        "Ít phức tạp": (1, "194"),
        "Ổn định": (2, "52,4"),
        "Không ổn định": (2, "31,6"),
        "Đang giải quyết": (2, "16,0"),
        "Kéo dài": (3, "Không ổn định + Đang giải quyết"),
        "Kéo dài do đất đai": (2, "76,9"),
        "Kéo dài do kinh tế": (2, "10,2"),
        "Kéo dài do nguyên nhân khác": (2, "9,3"),
    }
    rows = [*REPORT_2023, ("Nguyên nhân khác", "95", "25", "", "nguyên nhân", "other", "vụ")]
    for at, row in enumerate(rows):
        if row[0] in mended:
            place, text = mended[row[0]]
            rows[at] = (*row[:place], text, *row[place + 1 :])
    assert findings(*rows) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # parts over their total; parts under it although there is a line for the rest
        ([("T", "10", "", "", "g", "total"), ("a", "6", "", "", "g"), ("b", "5", "", "", "g")], {("table.parts_sum", "a")}),
        ([("T", "10", "", "", "g", "total"), ("a", "6", "", "", "g"), ("Khác", "3", "", "", "g")], {("table.parts_sum", "a")}),
        # a plain table with a line "Tổng số" and neither groups nor roles
        ([("Tổng số", "374"), ("a", "196", "52,4"), ("b", "118", "31,6"), ("c", "60", "16,0")], set()),
        ([("a", "196", "52,4"), ("b", "118", "31,5"), ("c", "60", "16,0"), ("Cộng", "374", "100")], {("table.truncated", "b")}),
        ([("Tổng", "374"), ("a", "196"), ("b", "118")], {("table.other_missing", "a")}),
        # 40 of 120 printed as a share of another whole of the table
        ([("T", "120", "", "", "", "total"), ("U", "200", "", "", "", "total"), ("a", "40", "20,0", "T")], {("table.other_base", "a")}),
        # a plain slip of the pen
        ([("a", "235", "78,9", "300")], {("table.percent_wrong", "a")}),
        # 131 % of a target is fine, of a whole it is not
        ([("a", "235", "131,3", "179", "", "ratio")], set()),
        ([("a", "", "131", "", "", "part")], {("table.over_100", "a"), ("table.base_missing", "a")}),
        ([("a", "30", "", "20", "", "of_which")], {("table.part_exceeds", "a")}),
        # a target that nobody prints (131 % of what?)
        ([("a", "235", "131", "", "", "ratio")], {("table.base_missing", "a")}),
        # the ministry's half year: percentages alone, 95.0 together
        ([("a", "", "52,3", "", "g"), ("b", "", "30,1", "", "g"), ("c", "", "12,6", "", "g")], {("table.percent_sum_open", "a")}),
        # parts of different wholes in one column
        ([("a", "10", "10", "100", "g"), ("b", "45", "90", "50", "g")], {("table.mixed_bases", "a")}),
        # money is rounded: 1.5 + 2.0 billion may be 3.6, not 3.9
        ([("T", "3,6", "", "", "g", "total"), ("a", "1,5", "", "", "g"), ("b", "2,0", "", "", "g")], set()),
        ([("T", "3,9", "", "", "g", "total"), ("a", "1,5", "", "", "g"), ("b", "2,0", "", "", "g")], {("table.other_missing", "a")}),
        # 1.153 people are one thousand one hundred and fifty-three
        ([("T", "1.153", "", "", "g", "total"), ("a", "1.000", "", "", "g"), ("b", "153", "", "", "g")], set()),
        # more communes than there are
        ([("a", f"{IN_2023}", "", "", "g", "", "commune", PROVINCE, "2023-12-31"), ("b", "1", "", "", "g", "", "commune", PROVINCE, "2023-12-31")], {("table.communes_too_many", "a")}),
        ([("a", f"{IN_2024}", "", "", "g", "", "commune", PROVINCE, "2024-12-31")], set()),
        ([("trọng điểm", f"{KEY}", f"{100 * KEY / IN_2023:.2f}".replace(".", ","), "", "", "of_which", "xã", PROVINCE, "2023-12-14")], set()),
    ],
)  # fmt: skip
def test_each_kind_of_slip_is_found_by_its_own_rule(rows: list[Row], expected: set[tuple[str, str]]) -> None:
    assert rules(*rows) == expected


def test_a_wrong_share_says_what_it_should_be() -> None:
    (found,) = findings(("a", "235", "78,9", "300"))
    assert (found.stated, found.corrected, found.field) == ("78.9", "78.3", "percent")
    assert "235/300" in found.message.vi


counts = st.lists(st.integers(0, 5_000), min_size=2, max_size=8).filter(lambda values: sum(values) > 0)


@settings(max_examples=200, deadline=None)
@given(values=counts, decimals=st.integers(0, 2), with_total=st.booleans())
def test_no_finding_is_invented_on_a_table_that_is_right(
    values: list[int], decimals: int, with_total: bool
) -> None:
    whole = sum(values)
    step = Decimal(1).scaleb(-decimals)
    rows = [
        Line(
            number,
            f"row {number}",
            Decimal(value),
            (Decimal(value) * 100 / whole).quantize(step, ROUND_HALF_UP),
            group="g",
        )
        for number, value in enumerate(values, 2)
    ]
    if with_total:
        rows.append(Line(99, "all", Decimal(whole), Decimal(100), group="g", role="total"))
    assert check_table(rows) == []


@settings(max_examples=200, deadline=None)
@given(values=counts, at=st.integers(0, 7), off=st.integers(1, 400))
def test_every_single_wrong_share_is_found_in_its_row(values: list[int], at: int, off: int) -> None:
    whole, at = sum(values), at % len(values)
    rows = []
    for number, value in enumerate(values):
        percent = (Decimal(value) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        printed = percent + Decimal(off) / 10 if number == at else percent
        rows.append(Line(number, f"row {number}", Decimal(value), printed, group="g"))
    wrong = [finding for finding in check_table(rows) if finding.numbers == (at,)]
    right = (Decimal(values[at]) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert [finding.corrected for finding in wrong] == [f"{right:f}"]


@settings(max_examples=100, deadline=None)
@given(values=counts, off=st.integers(-300, 300).filter(lambda off: off != 0))
def test_every_total_that_is_not_the_sum_is_found(values: list[int], off: int) -> None:
    rows = [Line(number, f"row {number}", Decimal(value), group="g") for number, value in enumerate(values)]
    rows.append(Line(99, "all", Decimal(sum(values) + off), group="g", role="total"))
    found = check_table(rows)
    assert {finding.rule for finding in found if finding.numbers[-1] == 99} == {
        "table.other_missing" if off > 0 else "table.parts_sum"
    }


def test_lines_keep_the_decimals_that_are_printed() -> None:
    (line,) = lines(("a", "3,5", "16,0 %", "1.500"))
    assert (line.value, str(line.percent), line.of) == (Decimal("3.5"), "16.0", "1500")


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (count_of, "1.153", "1153"),
        (count_of, "1 153", "1153"),
        (count_of, "1\u00a0153\u00a0000", "1153000"),
        (count_of, "1 153,5", "1153.5"),
        (count_of, "3,5", "3.5"),
        (count_of, "1153", "1153"),
        (percent_of, "16,5 %", "16.5"),
        (percent_of, "16.50%", "16.50"),
        (percent_of, "1.153,5 %", "1153.5"),
    ],
)
def test_numbers_are_read_as_they_are_printed_in_vietnam(
    read: Callable[[str], Decimal], text: str, value: str
) -> None:
    assert str(read(text)) == value


@pytest.mark.parametrize("text", ["1 15", "12 3456", "1.15 3", "374 vụ", "1,2,3"])
def test_what_may_be_two_numbers_or_none_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        count_of(text)
