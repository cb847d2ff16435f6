"""Templates: the register book that a clerk gets, and that what is filled in through its lists is read as it was meant."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from contracts.envelope import VIETNAM
from contracts.forms import FORMS, Column, Form, Kind, as_listed, example_of, normalise_header, split_entry
from contracts.substances import is_listed_substance
from khopso.registers.book import Book
from khopso.registers.offers import offered_to
from khopso.registers.source import mark_in, open_sheets
from khopso.registers.template import write_template
from reference import FIGURES, province
from registerfiles.columns import row_faults, row_values
from registerfiles.parts import Choices
from registerfiles.register_file import Reading, read_register
from services.registers import RawRow, Row
from services.registers.checks import read as read_row
from tests.support.packs import COMMITTEE, COMMUNE
from texts import Language

UNIT = f"police:{COMMUNE}"
DAY = province().regions_on
FACILITIES = [
    {"code": "CS-01", "kind": "facility", "name": "Trạm Y tế xã Thử", "area_code": COMMUNE},
    {"code": "CS-02", "kind": "facility", "name": "Trung tâm Y tế Hai", "area_code": COMMUNE},
]
CLINICIANS = [{"clinician_no": "BS-01", "full_name": "Trần Thị Thử", "facility_code": "CS-01"}]
OFFERED = offered_to(UNIT, [DAY], FACILITIES, CLINICIANS)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAD, EXAMPLE = 5, 7


@pytest.fixture(params=sorted(FORMS))
def form(request: pytest.FixtureRequest) -> Form:
    return FORMS[str(request.param)]


def a_book(form: Form, language: Language = "vi", rows: int = 3) -> Book:
    return Book(form, language, "Công an phường Thử", date(2023, 1, 1), date(2023, 3, 31), rows, OFFERED)


def written(book: Book, folder: Path) -> Path:
    path = folder / f"{book.form.name}.xlsx"
    write_template(book, path)
    return path


def read(path: Path, form: Form) -> Reading:
    sheets = open_sheets(path)
    mark = mark_in(path, sheets)
    assert mark is not None
    assert mark.form == form.name
    return read_register(form, sheets, FORMS, Choices(), mark.version)


def typed_rows(reading: Reading) -> Iterator[Row]:
    """The rows as the service takes them."""
    (part,) = reading.parts
    for row in part.rows():
        assert not row_faults(part.matching, row)
        values = row_values(part.matching, row)
        yield read_row(part.form, RawRow(row.number, values), unit=COMMITTEE, now=NOW)


def filled_in(form: Form) -> dict[str, tuple[Any, Any]]:
    """What a program writes into each column, and what must be read of it: the last entry of each list, else a value."""
    book = a_book(form)
    days = iter(DAY - timedelta(days=40 - step) for step in range(40))
    return {
        column.id: _cell(column, book, next(days))
        for column in form.columns
        if column.id not in ("void", "unit_code", "recorded_on")
    }


def _cell(column: Column, book: Book, day: date) -> tuple[Any, Any]:
    options = book.choices(column)
    if options:
        return options[-1], _meant(column, options[-1])
    if column.kind in (Kind.DATE, Kind.BIRTH):
        return day, day
    if column.kind is Kind.DATETIME:
        at = datetime(day.year, day.month, day.day, 7, 30)  # noqa: DTZ001 - as a spreadsheet holds it
        return at, at
    if column.kind is Kind.NATIONAL_ID:
        return "001090012345", "001090012345"
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        return column.minimum or 2, column.minimum or 2
    return "0071", "0071"


def _meant(column: Column, entry: str) -> Any:
    if column.kind is Kind.CODES:
        return tuple(code for code, label in (column.codes or {}).items() if label == entry)
    if column.kind is Kind.TEXTS:
        return (entry,)
    if column.codes:
        return next(code for code, label in column.codes.items() if label == entry)
    if column.kind is Kind.FLAG:
        return False
    if column.kind is Kind.FIGURE:
        return next(code for code, figure in FIGURES.items() if figure.vi == entry)
    return split_entry(entry)[0]


def register_sheet(path: Path) -> tuple[Any, Worksheet]:
    book = load_workbook(path)
    return book, book.worksheets[0]


def write_row(path: Path, form: Form, cells: dict[str, tuple[Any, Any]]) -> None:
    book, sheet = register_sheet(path)
    for index, column in enumerate(form.columns, start=1):
        if column.id in cells:
            sheet.cell(EXAMPLE + 1, index).value = cells[column.id][0]
    book.save(path)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_filled_in_through_the_lists_is_read_as_it_was_meant(
    form: Form, language: Language, tmp_path: Path
) -> None:
    # Given a book that a program fills in, taking the last entry of every list
    path = written(a_book(form, language), tmp_path)
    cells = filled_in(form)
    if form.name == "declared":
        del cells["as_of"]  # either a day or a period
    write_row(path, form, cells)
    # When it is read
    reading = read(path, form)
    (row,) = typed_rows(reading)
    # Then each column holds what was meant, and only the example row is told
    assert {fault.rule for fault in row.faults} <= {"order", "needs", "class_of_scheme", "birth_after"}
    for name, (_, meant) in cells.items():
        got = row.values.get(name)
        kind = form.by_id[name].kind
        if kind is Kind.DATETIME:
            assert isinstance(got, datetime)
            assert got.astimezone(VIETNAM).replace(tzinfo=None) == meant
        elif kind in (Kind.COMMUNE, Kind.AREA):
            assert str(got).partition("@")[0] == meant
        elif kind is Kind.FLAG:
            assert got in (False, None)
        else:
            assert got == meant, name
    assert [note.rule for note in reading.all_notes()] == ["left_out_example"]


def test_the_example_is_never_handed_in_whatever_columns_are_typed_over(form: Form, tmp_path: Path) -> None:
    path = written(a_book(form), tmp_path)
    assert read(path, form).total == 0


def test_the_example_row_breaks_no_rule_of_the_form(form: Form) -> None:
    example = example_of(form)
    values = {
        column.id: cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat() if isinstance(cell, date) else cell
        for column in form.columns
        if column.id in example
        for cell in (as_listed(column, example[column.id]),)
    }  # fmt: skip
    assert not read_row(form, RawRow(2, values), unit=COMMITTEE, now=NOW).faults


def test_no_list_offers_a_code(form: Form, tmp_path: Path) -> None:
    book, sheet = register_sheet(written(a_book(form), tmp_path))
    codes = {code for column in form.columns for code in column.codes or {}} | set(FIGURES)
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            title, area = str(rule.formula1).rsplit("!", 1)
            first, last = area.replace("$", "").split(":")
            offered = [row[0].value for row in book[title.strip("'")][first:last]]
            assert offered
            assert not codes & set(offered)


def test_every_column_of_words_has_its_list_and_every_list_its_words(form: Form, tmp_path: Path) -> None:
    made = a_book(form)
    book, sheet = register_sheet(written(made, tmp_path))
    ranges = {
        get_column_letter(index): made.choices(column)
        for index, column in enumerate(form.columns, start=1)
        if made.choices(column)
    }
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            title, area = str(rule.formula1).rsplit("!", 1)
            first, last = area.replace("$", "").split(":")
            offered = tuple(row[0].value for row in book[title.strip("'")][first:last])
            for cells in rule.sqref.ranges:
                found[get_column_letter(cells.min_col)] = offered
    assert found == ranges


def test_communes_of_the_units_own_area_come_first_and_carry_code_and_name() -> None:
    own, *others = OFFERED.communes
    assert split_entry(own)[0] == COMMUNE
    assert others
    assert all(split_entry(entry)[1] for entry in others)


def test_every_substance_that_is_offered_is_one_of_the_list() -> None:
    assert OFFERED.substances
    assert all(is_listed_substance(word) for word in OFFERED.substances)


def test_cells_hold_what_the_column_is_for(form: Form, tmp_path: Path) -> None:
    _, sheet = register_sheet(written(a_book(form), tmp_path))
    for index, column in enumerate(form.columns, start=1):
        shape = sheet.cell(EXAMPLE + 1, index).number_format
        if column.kind in (Kind.TEXT, Kind.NATIONAL_ID, Kind.COMMUNE, Kind.UNIT):
            assert shape == "@"  # so that no spreadsheet eats a leading zero
        if column.kind in (Kind.DATE, Kind.BIRTH):
            assert shape == "dd/mm/yyyy"


def test_a_row_of_the_book_is_printed_on_one_landscape_page(form: Form, tmp_path: Path) -> None:
    _, sheet = register_sheet(written(a_book(form), tmp_path))
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize in (8, 9, "8", "9")  # A3, A4
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.print_area
    assert sheet.freeze_panes == "B7"


def test_title_unit_period_and_signatures_are_those_of_the_book(form: Form, tmp_path: Path) -> None:
    _, sheet = register_sheet(written(a_book(form), tmp_path))
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    for text in (
        form.vi.upper(),
        "CÔNG AN PHƯỜNG THỬ",
        "Từ ngày 01/01/2023 đến ngày 31/03/2023",
        "NGƯỜI LẬP SỔ",
        "THỦ TRƯỞNG ĐƠN VỊ",
        f"Mẫu khopso:{form.name}/1",
    ):
        assert text in texts


def test_headers_are_explained_in_comments_and_on_a_sheet_of_their_own(form: Form, tmp_path: Path) -> None:
    book, sheet = register_sheet(written(a_book(form), tmp_path))
    explained = {
        row[4].value: [cell.value for cell in row] for row in book["Hướng dẫn"].iter_rows(min_row=11)
    }
    for index, column in enumerate(form.columns, start=1):
        comment = sheet.cell(HEAD, index).comment
        assert comment is not None
        assert normalise_header(str(sheet.cell(HEAD, index).value)) == normalise_header(column.vi)
        name, needed, _, words, _ = explained[column.id]
        assert (name, needed == "*") == (column.vi, column.required)
        for label in (column.codes or {}).values():
            assert label in words
            assert label in comment.text


def test_an_english_book_explains_each_word_by_its_code(form: Form, tmp_path: Path) -> None:
    book, _ = register_sheet(written(a_book(form, "en"), tmp_path))
    words = " ".join(str(row[3].value) for row in book["Guide"].iter_rows(min_row=11))
    for column in form.columns:
        for code, label in (column.codes or {}).items():
            assert f"{label} = {code}" in words
