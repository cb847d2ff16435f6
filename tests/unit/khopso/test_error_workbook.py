"""The workbook of refused rows: same columns, marked cells, both languages, nothing computed."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from contracts.forms import FORMS
from khopso.failure import Exit, FailureError
from khopso.registers.errorbook import RED, write_error_book
from khopso.registers.handin import Outcome, SheetOutcome
from registerfiles.columns import RowFault, match_header
from registerfiles.rows import Cell, CellFault, Row
from tests.support.first_sheet import open_source
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW
from texts.messages import Message

CONFLICTS = FORMS["conflicts"]


def outcome_of(rows: list[Row], faults: list[RowFault], extra: str = "Ghi chú") -> Outcome:
    header = [*CONFLICT_HEADER, extra]
    matching = match_header(CONFLICTS, header, FORMS)
    refused = {row.number: row for row in rows}
    return Outcome(CONFLICTS, [SheetOutcome("", header, matching, faults=faults, refused_rows=refused)])


def fault(row: int, field: str, rule: str = "code") -> RowFault:
    return RowFault(row, field, "ngói", rule, Message("Không có trong danh mục", "not in the list"))


def test_refused_rows_come_back_whole_with_the_cell_marked_and_explained(tmp_path: Path) -> None:
    row = Row(7, [*CONFLICT_ROW, "gấp"])
    path = tmp_path / "errors.xlsx"
    write_error_book(outcome_of([row], [fault(7, "cause"), fault(7, "cause", "needs")]), path)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [*CONFLICT_HEADER, "Ghi chú"]
    assert [cell.value for cell in sheet[2]] == [*CONFLICT_ROW, "gấp"]
    marked = [cell for cell in sheet[2] if cell.fill.fill_type == "solid"]
    assert [cell.coordinate for cell in marked] == ["E2"]
    assert marked[0].fill.start_color.rgb == RED.start_color.rgb
    assert marked[0].comment is not None
    for text in ("Không có trong danh mục", "not in the list", "cause", "ngói", "code", "needs", "row 7"):
        assert text in marked[0].comment.text


def test_a_fault_of_the_row_as_a_whole_is_explained_at_its_first_cell(tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    write_error_book(outcome_of([Row(2, [*CONFLICT_ROW])], [fault(2, "")]), path)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert sheet["A2"].comment is not None


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    cells: list[Cell] = ["=cmd|' /C calc'!A0", *CONFLICT_ROW[1:]]
    row = Row(2, cells, {5: CellFault("formula", "=1+1")})
    path = tmp_path / "errors.xlsx"
    write_error_book(outcome_of([row], [fault(2, "parties", "formula")]), path)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", cells[0])
    assert (sheet["F2"].data_type, sheet["F2"].value) == ("s", "=1+1")


def test_control_characters_do_not_break_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    write_error_book(outcome_of([Row(2, ["a\x01b", *CONFLICT_ROW[1:]])], [fault(2, "conflict_no")]), path)
    sheet = load_workbook(path).active
    assert sheet is not None
    assert sheet["A2"].value == "a\ufffdb"


def test_a_corrected_error_workbook_can_be_handed_in(tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    rows = [Row(number, [f"MT-{number}", *CONFLICT_ROW[1:]]) for number in (9, 4)]
    write_error_book(outcome_of(rows, [fault(9, "cause"), fault(4, "cause")]), path)
    source = open_source(path)
    matching = match_header(CONFLICTS, source.header, FORMS)
    assert [column.id for column in matching.columns.values()] == list(CONFLICT_HEADER)
    assert [row.cells[0] for row in source.rows] == ["MT-4", "MT-9"]


def test_a_place_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(FailureError) as failure:
        write_error_book(
            outcome_of([Row(2, [*CONFLICT_ROW])], [fault(2, "cause")]), tmp_path / "no" / "e.xlsx"
        )
    assert failure.value.exit_code == Exit.WRONG_USE
