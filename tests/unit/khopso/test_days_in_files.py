"""Days as spreadsheets spoil them: a year that became a day, half a column swapped, a month that became a day."""

import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.columns import HeaderError
from registerfiles.failure import ContentError
from tests.support.packs import COMMUNE
from tests.support.register_rules import Rules
from tests.support.system_tools import require
from tests.support.workbooks import write_csv
from tests.unit.khopso.test_handing_in import Service

OFFICES = Path(__file__).parent / "offices"
CASE = ("case_no", "commune_code", "detected_on", "offence", "subjects")
PERSON = ("record_no", "full_name", "birth_date", "sex", "commune_code", "status", "status_from")


def cases(days: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Drug cases detected on these days."""
    return [CASE, *((f"VA-{row}", COMMUNE, day, "possession", 1) for row, day in enumerate(days, 2))]


def people(births: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Users whose birth dates these are."""
    return [
        PERSON,
        *(
            (f"HS-{row}", "Nguyễn Văn Thử", born, "Nam", COMMUNE, "user", date(2023, 6, 13))
            for row, born in enumerate(births, 2)
        ),
    ]


def workbook(path: Path, rows: Sequence[Sequence[Any]], number_format: str = "dd/mm/yyyy") -> Path:
    """A workbook with this number format in its third column."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for number in range(2, len(rows) + 1):
        sheet.cell(number, 3).number_format = number_format
    book.save(path)
    return path


def judged(path: Path, form: str) -> Outcome:
    return hand_in(Rules(), FORMS[form], path, FORMS)


def faults(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.field, fault.rule) for fault in outcome.all_faults()]


@pytest.mark.hai_duong("the file of an office, with a commune of its own")
def test_a_year_typed_into_a_cell_for_dates_is_no_birth_of_1905() -> None:
    outcome = judged(OFFICES / "year-in-date-cell-so.xlsx", "registry")
    assert outcome.accepted == 0
    assert faults(outcome) == [(2, "birth_date", "year_as_day")]
    assert "1990" in outcome.all_faults()[0].message.vi


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(1905, 6, 12), "year_as_day"),
        (date(1909, 6, 13), "year_as_day"),
        (date(1900, 1, 1), "empty_day"),
        ("12/06/1905", "year_as_day"),
    ],
    ids=["the system of 1900", "the system of 1904", "the number 1", "as it is exported"],
)
def test_a_year_is_no_day_in_any_column_of_days(tmp_path: Path, day: Any, rule: str) -> None:
    outcome = judged(workbook(tmp_path / "so.xlsx", cases([day, date(2023, 3, 5)])), "drug_cases")
    assert (outcome.accepted, faults(outcome)) == (1, [(2, "detected_on", rule)])


@pytest.mark.parametrize(
    ("shown", "day"),
    [("mmm-yy", date(1990, 5, 1)), ("mm/yyyy", date(1990, 5, 1)), ("yyyy", date(1990, 5, 1)), ("d-mmm", date(1990, 2, 5)),
     ("dd/mm", date(1990, 2, 5))],
)  # fmt: skip
def test_a_date_without_its_day_or_year_is_not_made_whole(tmp_path: Path, shown: str, day: date) -> None:
    """Given 05/1990 or 5/2 as typed, when the spreadsheet adds the rest, then nobody gets that birthday."""
    outcome = judged(workbook(tmp_path / "so.xlsx", people([day]), shown), "registry")
    assert (outcome.accepted, faults(outcome)) == (0, [(2, "birth_date", "day_not_shown")])


@pytest.mark.parametrize(
    "shown", ["dd/mm/yyyy", "d/m/yy", "[$-42A]dd mmmm yyyy", 'dd" tháng "mm" năm "yyyy', "m/d/yy h:mm"]
)
def test_a_whole_date_is_read_however_it_is_shown(tmp_path: Path, shown: str) -> None:
    outcome = judged(workbook(tmp_path / "so.xlsx", people([date(1990, 2, 5)]), shown), "registry")
    assert (outcome.accepted, faults(outcome)) == (1, [])


def test_libreoffice_keeps_what_of_a_date_is_shown(tmp_path: Path) -> None:
    source = workbook(tmp_path / "so.xlsx", people([date(1990, 5, 1)]), "mm/yyyy")
    subprocess.run(
        [
            require("soffice"),
            f"-env:UserInstallation=file://{tmp_path}/profile",
            *("--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    assert faults(judged(tmp_path / "so.ods", "registry")) == [(2, "birth_date", "day_not_shown")]


SWAPPED = (date(2024, 5, 2), date(2024, 7, 2))


@pytest.mark.parametrize(
    "texts",
    [("13/02/2024", "25/02/2024"), ("13/02/24", "25/02/24"), ("13-2-2024",), ("13.02.2024", "25.2.24")],
)
def test_half_a_column_swapped_stops_the_file_however_the_other_half_is_written(
    tmp_path: Path, texts: tuple[str, ...]
) -> None:
    path = workbook(tmp_path / "so.xlsx", cases([SWAPPED[0], *texts, SWAPPED[1]]))
    with pytest.raises(ContentError) as stopped:
        judged(path, "drug_cases")
    assert stopped.value.rule == "dates_swapped"


def test_a_day_typed_as_text_with_the_year_first_hides_no_swapped_dates(tmp_path: Path) -> None:
    days = [date(2024, 5, 2), date(2024, 7, 2), "13/02/2024", "2024-02-14"]
    with pytest.raises(ContentError) as stopped:
        judged(workbook(tmp_path / "so.xlsx", cases(days)), "drug_cases")
    assert stopped.value.rule == "dates_swapped"


def test_swapped_dates_are_seen_in_an_export_too(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "so.csv", cases(["2024-05-02", "13/02/2024", "2024-07-02"]))
    with pytest.raises(ContentError) as stopped:
        judged(path, "drug_cases")
    assert stopped.value.rule == "dates_swapped"


def test_swapped_dates_are_seen_across_sheets(tmp_path: Path) -> None:
    """Given real dates on one sheet and texts on the other, when they are judged together, then the swap shows."""
    book = Workbook()
    for name, days in (("Tháng 5", SWAPPED), ("Tháng 2", ("13/02/2024", "25/02/2024"))):
        sheet = book.create_sheet(name)
        for row in cases(days):
            sheet.append(list(row))
    book.save(tmp_path / "so.xlsx")
    with pytest.raises(HeaderError) as stopped:
        judged(tmp_path / "so.xlsx", "drug_cases")
    assert [(fault.sheet, fault.rule) for fault in stopped.value.faults] == [("Tháng 5", "dates_swapped")]


def test_texts_of_small_days_beside_them_leave_a_doubt_that_is_told(tmp_path: Path) -> None:
    outcome = judged(
        workbook(tmp_path / "so.xlsx", cases([*SWAPPED, "13/02/2024", "05/02/2024"])), "drug_cases"
    )
    assert [(note.rule, note.field) for note in outcome.notes] == [("dates_perhaps_swapped", "detected_on")]
    assert "C2, C3" in outcome.notes[0].message.en


def test_days_of_all_kinds_leave_no_doubt(tmp_path: Path) -> None:
    path = workbook(tmp_path / "so.xlsx", cases([date(2024, 2, 28), date(2024, 3, 2), "13/02/2024"]))
    service = Service()
    outcome = hand_in(service, FORMS["drug_cases"], path, FORMS)
    assert (outcome.accepted, outcome.notes) == (3, [])


def test_what_is_told_of_a_part_of_a_date_is_the_part_that_is_shown(tmp_path: Path) -> None:
    """The workbook of refused rows holds it, too: handed in again untouched, it must not have become a whole date."""
    fault = judged(
        workbook(tmp_path / "so.xlsx", people([date(1990, 5, 1)]), "mmm-yy"), "registry"
    ).all_faults()[0]
    assert fault.value == "05/1990"
    assert "C2" in fault.message.vi
