"""Numbers of records and people as spreadsheets change them, and CCCD beside CMND."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from tests.support.workbooks import write_csv
from tests.unit.khopso.test_handing_in import Service

CASE = ("case_no", "commune_code", "detected_on", "offence", "subjects")
PERSON = (
    "record_no",
    "full_name",
    "birth_date",
    "sex",
    "CCCD",
    "CMND",
    "commune_code",
    "status",
    "status_from",
)


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def cases(path: Path, *numbers: Any) -> tuple[Outcome, list[Any]]:
    rows = [CASE, *((number, "10543", date(2024, 3, 5), "possession", 1) for number in numbers)]
    service = Service()
    outcome = hand_in(service, FORMS["drug_cases"], workbook(path, rows), FORMS)
    return outcome, [row["values"]["case_no"] for row in service.rows]


def people(path: Path, *numbers: tuple[Any, Any]) -> tuple[Outcome, list[Any]]:
    """Hand in men born in 1990 with these numbers under CCCD and CMND; return what was sent of them."""
    rows = [
        PERSON,
        *(
            (f"HS-{at}", "Nguyễn Văn Thử", "05/02/1990", "Nam", new, old, "10507", "user", "13/06/2023")
            for at, (new, old) in enumerate(numbers, 2)
        ),
    ]
    service = Service()
    outcome = hand_in(service, FORMS["registry"], workbook(path, rows), FORMS)
    return outcome, [row["values"]["national_id"] for row in service.rows]


def faults(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.field, fault.rule) for fault in outcome.all_faults()]


@pytest.mark.parametrize(
    "number",
    ["2.02401E+11", "2,02E+11", "Mar-24", "2-Jan", "01-Thg2", "Thg3-24", "3-Jan-24", "3-Jan-2024", True,
     2024010000123456.0, "TRUE", "12.0", "2024-03-01 00:00:00", "2024-03-01T00:00:00.000", "1/3/2024 0:00"],
)  # fmt: skip
def test_what_a_spreadsheet_made_of_a_number_is_no_number(tmp_path: Path, number: Any) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", number, "VA-1")
    assert (faults(outcome), sent) == ([(2, "case_no", "number_changed")], ["VA-1"])


@pytest.mark.parametrize("number", ["#REF!", "#N/A", "#name?", "########"])
def test_what_a_cell_shows_in_place_of_its_number_is_no_number(tmp_path: Path, number: str) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", number, "VA-1")
    assert (faults(outcome), sent) == ([(2, "case_no", "cell_error")], ["VA-1"])


@pytest.mark.parametrize("date_like", ["2024-03-01", "01/03/2024", "1-3-2024"])
def test_a_date_among_numbers_that_are_none_is_told(tmp_path: Path, date_like: str) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", "02/2024", date_like)
    assert (faults(outcome), sent) == ([], ["02/2024", date_like])
    assert [(note.row, note.rule, note.value) for note in outcome.notes] == [
        (3, "number_like_date", date_like)
    ]


def test_numbers_that_are_all_written_as_dates_are_a_way_to_number(tmp_path: Path) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", "2024-03-01", "2024-03-02")
    assert (outcome.notes, sent) == ([], ["2024-03-01", "2024-03-02"])


@pytest.mark.parametrize("number", ["03/2024", "01-2024", "VA-24", "MAR-2024", 202401000012])
def test_other_numbers_are_numbers(tmp_path: Path, number: Any) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", number)
    assert (faults(outcome), sent) == ([], [str(number)])


def test_a_national_id_in_the_form_of_an_exponent_says_what_to_do(tmp_path: Path) -> None:
    outcome, _ = people(tmp_path / "so.xlsx", ("3,0090001234E+10", None))
    assert faults(outcome) == [(2, "national_id", "number_changed")]


def test_numbers_that_differ_in_zeros_alone_are_told(tmp_path: Path) -> None:
    rows = [CASE, *((number, "10543", "05/03/2024", "possession", 1) for number in ("007", "7", "8", "12"))]
    service = Service()
    outcome = hand_in(service, FORMS["drug_cases"], write_csv(tmp_path / "so.csv", rows), FORMS)
    assert [(note.rule, note.value) for note in outcome.notes] == [("zeros_differ", "007")]
    assert "(007, 7)" in outcome.notes[0].message.vi


@pytest.mark.parametrize("numbers", [("VA-007", "VA-7"), ("07/2024", "7/2024"), ("va – 07", "VA-7")])
def test_zeros_in_front_of_any_part_of_a_number_are_told(tmp_path: Path, numbers: tuple[str, str]) -> None:
    outcome, sent = cases(tmp_path / "so.xlsx", *numbers, "VA-70")
    assert sent == [*numbers, "VA-70"], "each is a record"
    assert [(note.rule, note.value) for note in outcome.notes] == [("zeros_differ", numbers[0])]
    assert f"({numbers[0]}, {numbers[1]})" in outcome.notes[0].message.vi


def test_two_numbers_of_one_length_for_one_person_are_refused(tmp_path: Path) -> None:
    outcome, sent = people(
        tmp_path / "so.xlsx",
        ("030090001234", "030090009999"),
        ("030090001234", "030090001234"),
        ("030090001234", "142123456"),
        (None, "142123456"),
        ("chưa có thẻ mới", "142123456"),
    )
    assert faults(outcome) == [(2, "national_id", "two_numbers")]
    assert sent == ["030090001234", "030090001234", "142123456", "142123456"]


def test_a_lost_zero_is_put_back_in_either_of_two_columns(tmp_path: Path) -> None:
    outcome, sent = people(tmp_path / "so.xlsx", (30090001234, 142123456), (None, "30090001235"))
    assert sent == ["030090001234", "030090001235"]
    assert [note.rule for note in outcome.notes] == ["national_id_restored", "national_id_restored"]
