"""Reading register files: what is taken, and the clear answer to each kind of file that cannot be."""

# ruff: noqa: DTZ001  - a cell of a spreadsheet has a local date-time without a zone

import resource
from datetime import date, datetime
from pathlib import Path

import pytest

from khopso.failure import Exit, FailureError, UnusableFileError
from khopso.registers.source import MAX_FILE_BYTES
from registerfiles.archive import cell_name, column_index
from registerfiles.failure import ContentError
from tests.support.first_sheet import Source, open_source
from tests.support.workbooks import (
    CONFLICT_HEADER,
    CONFLICT_ROW,
    add_zeros,
    replace_part,
    understate_size,
    write_csv,
    write_xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"
SHEET_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def cells(source: Source) -> list[list[object]]:
    return [list(row.cells) for row in source.rows if not row.blank]


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "honest.xlsx", [CONFLICT_HEADER, CONFLICT_ROW])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_with_and_without_mark_by_comma_or_semicolon(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [("Số vụ", "Ghi chú"), ("1", "Nguyễn")], delimiter, encoding)
    source = open_source(path)
    assert source.header == ["Số vụ", "Ghi chú"]
    assert cells(source) == [["1", "Nguyễn"]]


def test_the_delimiter_is_judged_outside_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"a,b,c,d";e\n"1,5";2\n', encoding="utf-8")
    source = open_source(path)
    assert source.header == ["a,b,c,d", "e"]
    assert cells(source) == [["1,5", "2"]]


def test_rows_keep_their_spreadsheet_numbers_across_blank_and_long_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n\n"two\nlines",x\n,\nlast,y\n', encoding="utf-8")
    assert [row.number for row in open_source(path).rows if not row.blank] == [3, 5]


def test_excel_dates_numbers_and_flags_arrive_as_what_they_are(tmp_path: Path) -> None:
    row = [date(2023, 1, 2), datetime(2023, 1, 2, 14, 30), 1.5, 10513, True, "x", None]
    source = open_source(write_xlsx(tmp_path / "a.xlsx", [list("abcdefg"), row]))
    assert cells(source) == [[date(2023, 1, 2), datetime(2023, 1, 2, 14, 30), 1.5, 10513.0, True, "x", None]]


def test_a_sheet_that_starts_lower_keeps_its_row_numbers(tmp_path: Path) -> None:
    source = open_source(write_xlsx(tmp_path / "a.xlsx", [["a"], [None], [None], ["x"]]))
    assert [row.number for row in source.rows if not row.blank] == [4]


def test_a_formula_is_found_and_its_cached_value_is_not_believed(honest: Path, tmp_path: Path) -> None:
    xml = SHEET_XML.format(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><v>7</v></c></row>'
    )
    row = next(open_source(replace_part(honest, tmp_path / "f.xlsx", SHEET, xml.encode())).rows)
    assert {index: (fault.rule, fault.text) for index, fault in row.faults.items()} == {
        0: ("formula", "=1+1")
    }


def test_a_spreadsheet_error_is_a_fault_and_not_a_blank(honest: Path, tmp_path: Path) -> None:
    xml = SHEET_XML.format(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>'
    )
    row = next(open_source(replace_part(honest, tmp_path / "e.xlsx", SHEET, xml.encode())).rows)
    assert row.faults[0].rule == "cell_error"
    assert not row.blank


def test_a_formula_in_the_header_refuses_the_file(tmp_path: Path) -> None:
    refused(write_xlsx(tmp_path / "a.xlsx", [["=1+1"], ["x"]]), "formula")


def refused(path: Path, rule: str, code: Exit = Exit.REFUSED) -> FailureError:
    with pytest.raises((FailureError, ContentError)) as failure:
        list(open_source(path).rows)
    told = failure.value
    ended = UnusableFileError(told) if isinstance(told, ContentError) else told
    assert isinstance(ended, FailureError)
    assert ended.rule == rule
    assert ended.exit_code == code
    assert ended.text.vi != ended.text.en
    return ended


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", "file_missing", Exit.WRONG_USE)
    refused(tmp_path, "file_missing", Exit.WRONG_USE)


def test_another_kind_of_file_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    refused(tmp_path / "a.pdf", "file_kind", Exit.WRONG_USE)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_an_empty_file_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    refused(tmp_path / name, "file_empty")


def test_files_of_blanks_are_empty_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n \n\n")
    refused(tmp_path / "a.csv", "file_empty")
    refused(write_xlsx(tmp_path / "a.xlsx", []), "file_empty")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_200_mb_file_is_refused_before_it_is_read(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(200_000_000)

    def must_not_read(*_: object, **__: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(Path, "read_bytes", must_not_read)
    monkeypatch.setattr(Path, "open", must_not_read)
    assert MAX_FILE_BYTES < 200_000_000
    assert "200" in refused(path, "file_too_large").text.vi


def test_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\nx,Nguyễn\n".encode() + "y,Trân\n".encode("cp1258"))
    assert "3" in refused(path, "file_encoding").text.vi


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 400, bytes(range(256)) * 9])
def test_binary_junk_is_no_register(tmp_path: Path, content: bytes) -> None:
    for name, rule in (("a.csv", "file_not_text"), ("a.xlsx", "file_not_xlsx")):
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name, rule)


def test_unmatched_quotation_marks_hand_in_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"4\n5,6\n', encoding="utf-8")
    with pytest.raises(ContentError) as failure:
        open_source(path)
    assert failure.value.rule == "file_csv"


def test_an_old_xls_or_protected_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    refused(tmp_path / "a.xlsx", "file_not_xlsx")


def test_a_zip_bomb_is_not_opened(honest: Path, tmp_path: Path) -> None:
    bomb = add_zeros(honest, tmp_path / "bomb.xlsx", "xl/sharedStrings.xml", 150_000_000)
    assert bomb.stat().st_size < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(bomb, "file_bomb")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_a_bomb_that_declares_a_small_size_is_not_opened(honest: Path, tmp_path: Path) -> None:
    bomb = add_zeros(honest, tmp_path / "bomb.xlsx", "xl/sharedStrings.xml", 50_000_000)
    refused(understate_size(bomb, "xl/sharedStrings.xml", 1000), "file_bomb")
    small = add_zeros(honest, tmp_path / "small.xlsx", "xl/sharedStrings.xml", 2_000_000)
    refused(understate_size(small, "xl/sharedStrings.xml", 1000), "file_not_xlsx")


def test_one_cell_in_the_last_corner_does_not_allocate_the_whole_sheet(honest: Path, tmp_path: Path) -> None:
    xml = SHEET_XML.format(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    refused(replace_part(honest, tmp_path / "wide.xlsx", SHEET, xml.encode()), "file_too_wide")


def test_a_document_type_declaration_is_refused(honest: Path, tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><workbook>&a;</workbook>'
    refused(replace_part(honest, tmp_path / "dtd.xlsx", "xl/workbook.xml", laughs), "file_not_xlsx")


def test_a_truncated_workbook_is_refused(honest: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(honest.read_bytes()[:-200])
    refused(cut, "file_not_xlsx")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    refused(tmp_path / "a.xlsx", "file_not_xlsx")


def test_an_unreadable_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "a.csv", [("a",), ("1",)])

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "Permission denied" in refused(path, "file_unreadable").text.en


@pytest.mark.parametrize(("letters", "index"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_column_letters(letters: str, index: int) -> None:
    assert column_index(letters) == index
    assert cell_name(7, index) == f"{letters}7"
