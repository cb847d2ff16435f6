"""Files as offices send them, of invented people: what is read of each, and what is said of what is not."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from contracts.forms import FORMS, example_of
from khopso.registers.book import Book
from khopso.registers.handin import Outcome, hand_in
from khopso.registers.template import write_template
from registerfiles.failure import ContentError
from registerfiles.parts import Choices
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv
from tests.unit.khopso.test_handing_in import Service

OFFICES = Path(__file__).parent / "offices"


def read(name: str, form: str, **choices: Any) -> tuple[Outcome, list[dict[str, Any]]]:
    service = Service()
    outcome = hand_in(service, FORMS[form], OFFICES / name, FORMS, choices=Choices(**choices))
    return outcome, [row["values"] for row in service.rows]


def rules(outcome: Outcome) -> list[str]:
    return [note.rule for note in outcome.notes]


@pytest.mark.parametrize(
    ("name", "form", "rule"),
    [
        ("us-locale-mixed-vu.xlsx", "drug_cases", "dates_swapped"),
        ("hidden-rows-loc.xlsx", "drug_cases", "hidden_rows"),
        ("printed-layout-gop-o.xlsx", "drug_cases", "unknown_column_filled"),
    ],
)
def test_what_a_person_must_decide_stops_the_file(name: str, form: str, rule: str) -> None:
    with pytest.raises(ContentError) as stopped:
        read(name, form)
    assert stopped.value.rule == rule


def test_hidden_rows_are_taken_or_left_as_the_clerk_says() -> None:
    for word, taken in (("take", ["H-1", "H-2", "H-3", "H-4"]), ("leave", ["H-1", "H-4"])):
        _, rows = read("hidden-rows-loc.xlsx", "drug_cases", hidden_rows=word)
        assert [row["case_no"] for row in rows] == taken


def test_every_visible_sheet_with_the_header_is_read_and_a_hidden_one_is_named() -> None:
    outcome, rows = read("sheets-hai-trang.xlsx", "drug_cases")
    assert [row["case_no"] for row in rows] == ["S-1", "S-2"]
    assert rules(outcome) == ["sheets_read"]
    outcome, rows = read("sheets-bia-an.xlsx", "drug_cases")
    assert [row["case_no"] for row in rows] == ["S-3"]
    assert [(note.rule, note.value) for note in outcome.notes] == [("sheet_not_read", "Bìa")]


def test_titles_column_numbers_and_totals_are_no_records() -> None:
    outcome, rows = read("printed-layout-tieu-de.xlsx", "drug_cases")
    assert ([row["case_no"] for row in rows], rules(outcome)) == (["P-1", "P-2"], ["rows_above_header"])
    outcome, rows = read("printed-layout-so-cot.xlsx", "drug_cases")
    assert ([row["case_no"] for row in rows], rules(outcome)) == (["P-1", "P-2"], ["left_out_total"])


def test_a_cell_that_is_merged_with_another_is_named() -> None:
    outcome, rows = read("printed-layout-gop-o.xlsx", "drug_cases", ignored=frozenset({"Ghi chú"}))
    assert [row["case_no"] for row in rows] == ["P-3"]
    assert [(fault.row, fault.field, fault.rule) for fault in outcome.all_faults()] == [
        (3, "commune_code", "merged_cell")
    ]


@pytest.mark.parametrize(
    "name",
    ["formatted-to-the-end-dinh-dang.xlsx", "strict-strict.xlsx", "csv-encodings-utf16.csv", "csv-encodings-sep.csv",
     "csv-encodings-tab.txt"],
)  # fmt: skip
def test_a_file_saved_otherwise_is_read(name: str) -> None:
    outcome, _ = read(name, "registry")
    assert (outcome.accepted, outcome.refused, outcome.notes) == (1, 0, [])


@pytest.mark.parametrize("name", ["percent-khai.xlsx", "percent-khai.csv"])
def test_a_percentage_is_declared_as_it_is_shown(name: str) -> None:
    _, rows = read(name, "declared")
    assert rows[0]["value"] == "78,3"


def test_a_number_that_became_a_date_is_refused() -> None:
    outcome, rows = read("number-became-date-b.xlsx", "drug_cases")
    assert not rows
    assert [(fault.field, fault.rule) for fault in outcome.all_faults()] == [("case_no", "date_in_text")]


@pytest.mark.parametrize("name", ["headers-h0.csv", "headers-hai-cot.csv"])
def test_national_ids_are_found_under_their_usual_names(name: str) -> None:
    assert read(name, "registry")[1][0]["national_id"] == "030090001888"


def test_the_end_of_treatment_is_found_under_its_usual_name() -> None:
    assert read("headers-ra.csv", "methadone")[1][0]["ended_on"] == "01/05/2024"


def test_one_decimal_sign_holds_for_a_column() -> None:
    outcome, rows = read("grams-en.csv", "drug_cases")
    assert [row["seized_grams"] for row in rows] == ["0,350", "1,250", "12,5"]
    assert rules(outcome) == ["decimals_point"]


def test_text_from_before_unicode_is_read_and_told() -> None:
    outcome, rows = read("tcvn3-vntime-header.xlsx", "methadone")
    assert [row["full_name"] for row in rows] == ["Nguyễn Văn Thử", "Trần Đức Nghiệm", "Lê Thị Thử"]
    assert rules(outcome) == ["header_converted", "text_converted"]


def test_a_lost_zero_is_put_back_where_the_row_proves_it() -> None:
    outcome, rows = read("national-id-so.xlsx", "registry")
    assert rows[0]["national_id"] == "030090001234"
    assert "national_id_restored" in rules(outcome)


def cases(path: Path, *numbers: object, number_format: str = "General") -> Path:
    """A workbook of drug cases with these cells as their numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Số vụ", "Mã xã", "Ngày phát hiện", "Hành vi", "Số đối tượng"])
    for row, number in enumerate(numbers, 2):
        sheet.append([number, "10543", date(2024, 3, 7), "possession", 1])
        sheet.cell(row, 1).number_format = number_format
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cells", "number_format", "numbers", "told"),
    [
        (("006", 7, 8, 123), "General", ["006", "007", "008", "123"], ["zeros_restored"]),
        ((6, 7, 123, 1234), "000", ["006", "007", "123", "1234"], ["key_is_number"]),
        (("6", 7), "General", ["6", "7"], ["key_is_number"]),
        (("006", "0007", 8), "General", ["006", "0007", "8"], ["key_is_number"]),
    ],
    ids=[
        "the other numbers prove it",
        "the format shows it",
        "nothing proves it",
        "two lengths prove nothing",
    ],
)
def test_a_zero_in_front_of_a_record_number_is_put_back_where_the_column_proves_it(
    tmp_path: Path, cells: tuple[object, ...], number_format: str, numbers: list[str], told: list[str]
) -> None:
    path = cases(tmp_path / "so.xlsx", *cells, number_format=number_format)
    service = Service()
    outcome = hand_in(service, FORMS["drug_cases"], path, FORMS)
    assert [str(row["values"]["case_no"]) for row in service.rows] == numbers
    assert rules(outcome) == told


@pytest.mark.parametrize("form", FORMS)
def test_the_example_of_a_template_is_never_handed_in(form: str, tmp_path: Path) -> None:
    path = tmp_path / "mau.xlsx"
    write_template(Book(FORMS[form]), path)
    service = Service()
    outcome = hand_in(service, FORMS[form], path, FORMS)
    assert (service.rows, rules(outcome)) == ([], ["left_out_example"])
    assert example_of(FORMS[form])


def conflicts(path: Path, *lines: tuple[Any, ...], **dialect: str) -> tuple[Outcome, list[dict[str, Any]]]:
    service = Service()
    outcome = hand_in(service, FORMS["conflicts"], write_csv(path, lines, **dialect), FORMS)
    return outcome, [row["values"] for row in service.rows]


def test_a_header_that_every_printed_page_repeats_is_no_record(tmp_path: Path) -> None:
    lines = (("Ghi chú", *CONFLICT_HEADER), ("", *CONFLICT_ROW))
    outcome, rows = conflicts(tmp_path / "so.csv", *lines, *lines)
    assert len(rows) == 2
    assert [(note.row, note.rule) for note in outcome.notes if note.row > 1] == [(3, "left_out_header")]


@pytest.mark.parametrize("remark", ["Ghi chú: số liệu sơ bộ", "Nguồn: sổ của xã", "* Đã đối chiếu", "Lưu ý"])
def test_a_remark_below_the_rows_is_no_record(tmp_path: Path, remark: str) -> None:
    outcome, rows = conflicts(tmp_path / "so.csv", CONFLICT_HEADER, CONFLICT_ROW, (remark,))
    assert len(rows) == 1
    assert [(note.row, note.rule) for note in outcome.notes] == [(3, "left_out_heading")]


@pytest.mark.parametrize("nothing", ["-", "–", "—", "…", "...", " - "])
def test_a_dash_says_nothing_in_any_column(tmp_path: Path, nothing: str) -> None:
    header = (*CONFLICT_HEADER, "status_on", "outcome")
    _, rows = conflicts(tmp_path / "so.csv", header, (*CONFLICT_ROW, nothing, nothing))
    assert (rows[0]["status_on"], rows[0]["outcome"]) == (None, None)


def test_a_total_with_its_count_under_a_key_is_a_total(tmp_path: Path) -> None:
    outcome, rows = conflicts(tmp_path / "so.csv", CONFLICT_HEADER[::-1], CONFLICT_ROW[::-1],
                              ("Tổng cộng", "", "", "", "", "", "", 1))  # fmt: skip
    assert (len(rows), rules(outcome)) == (1, ["left_out_total"])


def test_a_record_whose_date_is_in_words_is_no_signature(tmp_path: Path) -> None:
    row = list(CONFLICT_ROW)
    row[2], row[3] = "ngày 11 tháng 4 năm 2023", ""
    outcome, rows = conflicts(tmp_path / "so.csv", CONFLICT_HEADER, tuple(row))
    assert (len(rows), rules(outcome)) == (1, []), "the service says what is wrong with it"


def test_the_line_of_the_separator_may_end_in_the_way_of_old_macs(tmp_path: Path) -> None:
    path = tmp_path / "so.csv"
    lines = ["sep=;", ";".join(CONFLICT_HEADER), ";".join(map(str, CONFLICT_ROW))]
    path.write_bytes("\r".join(lines).encode())
    service = Service()
    hand_in(service, FORMS["conflicts"], path, FORMS)
    assert [row["row"] for row in service.rows] == [2], "as the spreadsheet counts, which hides the line"


def test_old_letters_beside_broken_ones_stop_the_file(tmp_path: Path) -> None:
    header = ("case_no", "full_name", "birth_date", "sex", "commune_code", "arrested_on")
    names = ("NguyÔn V¨n Hoµ", "§ặng V¨n")
    lines = [(f"B-{number}", name, "1990", "Nam", "10507", "09/03/2023") for number, name in enumerate(names)]
    with pytest.raises(ContentError) as stopped:
        hand_in(Service(), FORMS["arrests"], write_csv(tmp_path / "b.csv", [header, *lines]), FORMS)
    assert stopped.value.rule == "text_mixed"


def test_a_number_of_a_decision_in_old_letters_is_read(tmp_path: Path) -> None:
    header = (
        "record_no",
        "full_name",
        "birth_date",
        "sex",
        "commune_code",
        "status",
        "status_from",
        "decision_no",
    )
    row = ("HS-1", "NguyÔn V¨n Thö", "1990", "Nam", "10507", "user", "13/06/2023", "15/Q§-CA")
    service = Service()
    outcome = hand_in(service, FORMS["registry"], write_csv(tmp_path / "so.csv", [header, row]), FORMS)
    assert service.rows[0]["values"]["decision_no"] == "15/QĐ-CA"
    assert rules(outcome) == ["text_converted"]


MESS = st.sampled_from(["title", "numbers", "total", "signature", "blank", "example"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5), st.sets(MESS), st.sampled_from([",", ";", "\t", "|"])
)
def test_every_row_is_handed_in_as_meant_or_named(
    tmp_path_factory: pytest.TempPathFactory, levels: list[int], mess: set[str], delimiter: str
) -> None:
    """Given a clean register, when it is printed, totalled and signed, then its records alone are handed in."""
    width = len(CONFLICT_HEADER)
    clean = [
        (f"MT-{number}", *CONFLICT_ROW[1:3], level, *CONFLICT_ROW[4:]) for number, level in enumerate(levels)
    ]
    lines: list[tuple[Any, ...]] = [("CÔNG AN PHƯỜNG THỬ",), ("Kỳ: năm 2023",)] if "title" in mess else []
    lines.append(CONFLICT_HEADER)
    lines += [tuple(f"({number})" for number in range(1, width + 1))] if "numbers" in mess else []
    lines += clean[:1] + ([("",) * width] if "blank" in mess else []) + clean[1:]
    lines += [("VD-001", *CONFLICT_ROW[1:])] if "example" in mess else []
    lines += [("Tổng cộng", "", "", sum(levels), "", 2 * len(levels))] if "total" in mess else []
    lines += (
        [("", "", "", "", "NGƯỜI LẬP SỔ"), ("", "", "", "", "Nguyễn Văn Thử")] if "signature" in mess else []
    )
    service = Service()
    path = write_csv(tmp_path_factory.mktemp("mess") / "so.csv", lines, delimiter)
    outcome = hand_in(service, FORMS["conflicts"], path, FORMS)
    assert [row["values"]["conflict_no"] for row in service.rows] == [row[0] for row in clean]
    told = {note.row for note in outcome.notes}
    for number, line in enumerate(lines, 1):
        if line[:1] and str(line[0]).startswith(("Tổng", "VD-")):
            assert number in told
