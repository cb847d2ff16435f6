"""What of a sheet nobody sees, and a second table with its columns in another order."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.failure import ContentError
from tests.support.workbooks import replace_part
from tests.unit.khopso.test_handing_in import Service

HEADER = (
    "patient_no",
    "full_name",
    "birth_date",
    "sex",
    "commune_code",
    "enrolled_on",
    "ended_on",
    "facility_code",
)
FIRST = ("BN-1", "Nguyễn Văn Thử", "1990", "Nam", "10507", date(2024, 1, 5), None, "CDC-30")
SECOND = ("BN-2", "Trần Văn Thử", "1991", "Nam", "10507", date(2024, 1, 5), date(2024, 3, 5), "CDC-30")
SWAPPED = (*HEADER[:5], "ended_on", "enrolled_on", "facility_code")


def book_of(
    path: Path, rows: Sequence[Sequence[Any]], change: Callable[[Worksheet], None] = lambda _: None
) -> Path:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    book.save(path)
    return path


def handed_in(book: Path) -> tuple[Outcome, list[str]]:
    service = Service()
    outcome = hand_in(service, FORMS["methadone"], book, FORMS)
    return outcome, [row["values"]["patient_no"] for row in service.rows]


def test_columns_that_are_hidden_are_read_and_told(tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions["G"].hidden = True

    outcome, numbers = handed_in(book_of(tmp_path / "so.xlsx", [HEADER, FIRST, SECOND], hide))
    assert numbers == ["BN-1", "BN-2"]
    assert [note.rule for note in outcome.notes] == ["hidden_columns"]
    assert "“Ngày kết thúc”" in outcome.notes[0].message.vi


def test_a_row_without_height_is_hidden(tmp_path: Path) -> None:
    # Given a row of height 0, as spreadsheets write one (the library that writes the rest leaves 0 out)
    usual = book_of(tmp_path / "usual.xlsx", [HEADER, FIRST, SECOND])
    with ZipFile(usual) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    flat = xml.replace(b'<row r="3"', b'<row r="3" ht="0" customHeight="1"')
    assert flat != xml
    book = replace_part(usual, tmp_path / "so.xlsx", "xl/worksheets/sheet1.xml", flat)
    with pytest.raises(ContentError) as stopped:
        handed_in(book)
    assert stopped.value.rule == "hidden_rows"


def test_rows_and_columns_of_their_own_size_are_seen(tmp_path: Path) -> None:
    def size(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].height = 10.5
        sheet.column_dimensions["G"].width = 0.5

    outcome, numbers = handed_in(book_of(tmp_path / "so.xlsx", [HEADER, FIRST, SECOND], size))
    assert (numbers, outcome.notes) == (["BN-1", "BN-2"], [])


def test_a_second_table_in_another_order_stops_the_file(tmp_path: Path) -> None:
    """Given an end under the column of the beginning, when the header below is not seen, then the two are exchanged."""
    with pytest.raises(ContentError) as stopped:
        handed_in(book_of(tmp_path / "so.xlsx", [HEADER, FIRST, SWAPPED, SECOND]))
    assert stopped.value.rule == "second_header"
    assert "3" in stopped.value.text.vi


def test_the_header_in_other_words_is_the_header_again(tmp_path: Path) -> None:
    form = FORMS["methadone"]
    again = tuple(form.by_id[name].vi.upper() for name in HEADER)
    outcome, numbers = handed_in(book_of(tmp_path / "so.xlsx", [HEADER, FIRST, again, SECOND]))
    assert numbers == ["BN-1", "BN-2"]
    assert [note.rule for note in outcome.notes] == ["left_out_header"]
