"""Templates: what a clerk gets, and that its example row is one the form takes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from contracts.forms import FORMS
from contracts.forms.spec import Kind
from khopso.registers.columns import match_header, row_faults, row_values
from khopso.registers.source import open_source
from khopso.registers.template import choices, write_template


@pytest.fixture(params=sorted(FORMS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_template_is_a_register_that_import_reads_without_a_word(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"{form}.xlsx"
    write_template(FORMS[form], path)
    source = open_source(path)
    matching = match_header(FORMS[form], source.header, FORMS)
    assert [column.id for column in matching.columns.values()] == [
        column.id for column in FORMS[form].columns
    ]
    assert not matching.unknown
    rows = [row for row in source.rows if not row.blank]
    assert [row.number for row in rows] == [2]
    assert not row_faults(matching, rows[0])
    values = row_values(matching, rows[0])
    assert {column.id for column in FORMS[form].columns if column.required} <= set(values)


def test_the_example_row_breaks_no_rule_of_the_form(form: str, tmp_path: Path) -> None:
    from services.registers.checks import read as read_row
    from services.registers.row import RawRow

    path = tmp_path / f"{form}.xlsx"
    write_template(FORMS[form], path)
    source = open_source(path)
    matching = match_header(FORMS[form], source.header, FORMS)
    values = row_values(matching, next(source.rows))
    row = read_row(FORMS[form], RawRow(2, values), unit="committee:30", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert not row.faults


def test_coded_columns_have_lists_dates_have_formats_and_the_header_stays(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"{form}.xlsx"
    write_template(FORMS[form], path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    listed = {
        str(cell_range).split(":")[0]
        for validation in sheet.data_validations.dataValidation
        for cell_range in validation.sqref.ranges
    }
    for index, column in enumerate(FORMS[form].columns, start=1):
        cell = sheet.cell(2, index)
        assert (cell.coordinate in listed) == bool(choices(column))
        if column.kind is Kind.DATE:
            assert cell.number_format == "dd/mm/yyyy"
    comment = sheet.cell(2, 1).comment
    assert comment is not None
    assert "Example row" in comment.text


def test_the_second_sheet_explains_every_column_in_both_languages(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"{form}.xlsx"
    write_template(FORMS[form], path)
    rows = {
        row[1].value: [cell.value for cell in row]
        for row in load_workbook(path).worksheets[1].iter_rows(min_row=5)
    }
    for column in FORMS[form].columns:
        assert rows[column.id][0] == column.vi
        assert (rows[column.id][2] == "*") == column.required
        for code in column.codes or ():
            assert code in str(rows[column.id][4])


def test_drop_down_lists_point_at_the_values_they_offer(tmp_path: Path) -> None:
    path = tmp_path / "fires.xlsx"
    write_template(FORMS["fires"], path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    place = next(
        index for index, column in enumerate(FORMS["fires"].columns, start=1) if column.id == "place"
    )
    letter = get_column_letter(place)
    validation = next(
        v for v in sheet.data_validations.dataValidation if str(v.sqref).startswith(f"{letter}2")
    )
    title, area = validation.formula1.rsplit("!", 1)
    first, last = area.replace("$", "").split(":")
    offered = [row[0].value for row in book[title.strip("'")][first:last]]
    assert tuple(offered) == choices(FORMS["fires"].by_id["place"])
