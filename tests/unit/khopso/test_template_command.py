"""`khopso template` and books that remember their form: options, lists of the services, the printed blank, versions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from contracts.forms import FORMS, template_version
from contracts.forms import versions as form_versions
from khopso.registers.blank import write_blank
from khopso.registers.book import Book
from khopso.registers.source import mark_in, open_sheets
from khopso.registers.template import write_template
from reference import TemplateColumn, template_columns
from registerfiles.mark import Mark
from registerfiles.register_file import read_register
from tests.support.packs import COMMUNE
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv, write_xlsx
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

UNIT = f"police:{COMMUNE}"
CONFLICTS = FORMS["conflicts"]
AT = datetime(2024, 1, 5, tzinfo=UTC)


def cells(path: Path) -> list[str]:
    sheet = load_workbook(path).worksheets[0]
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages]


def test_unit_and_period_stand_above_the_register(khopso: Khopso, tmp_path: Path) -> None:
    out = tmp_path / "so.xlsx"
    ran = khopso("template", "conflicts", out, "--unit", UNIT, "--period", "2024-Q1")
    assert (ran.code, ran.err) == (0, "")
    texts = cells(out)
    assert "Từ ngày 01/01/2024 đến ngày 31/03/2024" in texts
    assert any(text.startswith("CÔNG AN ") for text in texts)


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--unit", "police:99999"], "unit"),
        (["--period", "2024-Q9"], "template_period"),
        (["--period", "2024", "--calendar", "moon"], "template_calendar"),
        (["--lang", "fr"], "cli.language"),
        (["--blank", "0"], "rows_blank"),
        (["--blank", "2001"], "rows_blank"),
        (["--pdf"], "blank_kind"),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_no_file(
    khopso: Khopso, tmp_path: Path, options: list[str], rule: str
) -> None:
    out = tmp_path / "so.xlsx"
    ran = khopso("template", "conflicts", out, *options, "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, rule)
    assert not out.exists()


def test_facilities_and_clinicians_come_from_the_services(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    # Given two facilities, and the clinician of one of them whose name the caller may read
    listed = [
        {"code": code, "kind": "facility", "name": f"Trạm Y tế xã {code}", "area_code": COMMUNE, "may_write": False}
        for code in ("CS-01", "CS-02")
    ]  # fmt: skip
    fake.routes["GET /v1/units"] = lambda _query, _body: (200, {"units": listed})
    fake.routes["GET /v1/forms/clinicians/records"] = lambda _query, _body: (200, clinicians())
    # When the station's book is made
    out = tmp_path / "so.xlsx"
    assert khopso("template", "determination", out, "--unit", "CS-01").code == 0
    # Then its lists have the facilities by code and name, and its own clinicians who stand
    sheet = load_workbook(out)["Danh mục"]
    columns = {
        str(column[0].value): [cell.value for cell in column[1:] if cell.value] for column in sheet.columns
    }
    assert columns["Mã cơ sở"] == ["CS-01 – Trạm Y tế xã CS-01", "CS-02 – Trạm Y tế xã CS-02"]
    assert columns["Mã người xác định"] == ["BS-01 – Trần Thị Thử"]
    assert "TRẠM Y TẾ XÃ CS-01" in cells(out)


def clinicians() -> dict[str, Any]:
    def record(number: str, facility: str, voided: bool = False) -> dict[str, Any]:
        values = {"clinician_no": number, "full_name": "Trần Thị Thử", "facility_code": facility}
        return {"record": number, "unit": "health", "voided": voided, "values": values}

    records = [record("BS-01", "CS-01"), record("BS-02", "CS-02"), record("BS-03", "CS-01", voided=True)]
    return {"form": "clinicians", "records": records, "next": None}


def test_without_services_the_book_is_made_without_their_lists_and_says_so(
    khopso: Khopso, tmp_path: Path
) -> None:
    out = tmp_path / "so.xlsx"
    ran = khopso("template", "methadone", out)
    assert ran.code == 0
    assert "danh mục cơ sở" in ran.err
    assert out.exists()


def test_a_book_is_imported_without_naming_its_form(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = tmp_path / "so.xlsx"
    write_template(Book(CONFLICTS), path)
    book = load_workbook(path)
    row: dict[str, Any] = dict(zip(CONFLICT_HEADER, CONFLICT_ROW, strict=True))
    for index, column in enumerate(CONFLICTS.columns, start=1):
        book.worksheets[0].cell(8, index).value = row.get(column.id)
    book.save(path)
    ran = khopso("import", path, "--json")
    assert (ran.code, ran.document["form"], ran.document["accepted"]) == (0, "conflicts", 1)


def test_a_file_that_remembers_no_form_asks_for_one(khopso: Khopso, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "so.csv", [CONFLICT_HEADER, CONFLICT_ROW])
    ran = khopso("import", path, "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, "file_names_no_form")


def test_a_form_without_a_file_asks_for_the_file(khopso: Khopso, tmp_path: Path) -> None:
    ran = khopso("import", "conflicts", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, "import_needs_file")


def test_the_mark_is_read_from_the_sheet_where_the_file_has_no_properties(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "so.csv", [("Mẫu khopso:conflicts/1",), CONFLICT_HEADER, CONFLICT_ROW])
    assert mark_in(path, open_sheets(path)) == Mark("conflicts", 1)


def test_a_file_of_somebody_elses_has_no_mark(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "so.xlsx", [CONFLICT_HEADER, CONFLICT_ROW])
    assert mark_in(path, open_sheets(path)) is None


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_newest_version_of_a_template_has_the_columns_of_the_form(form: str) -> None:
    newest = template_version(form)
    held = [
        (each.column, each.header)
        for each in template_columns()
        if (each.form, each.version) == (form, newest)
    ]
    assert held == [(column.id, column.vi) for column in FORMS[form].columns], (
        "a column was changed: add the next version of the template to reference/data/template-columns.csv"
    )


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A second version of the conflicts' template: the first had another header, lacked a column, and had one more."""
    first = [
        TemplateColumn("conflicts", 1, column, header)
        for column, header in (
            ("conflict_no", "Số vụ mâu thuẫn"), ("commune_code", "Mã xã"), ("detected_on", "Ngày phát hiện"), ("level", "Mức độ"),
            ("cause", "Tình trạng giải quyết"), ("parties", "Số người liên quan"), ("status", "Kết quả"), ("weather", "Thời tiết"),
        )
    ]  # fmt: skip
    now = [TemplateColumn("conflicts", 2, column.id, column.vi) for column in CONFLICTS.columns]
    monkeypatch.setattr(form_versions, "template_columns", lambda: (*first, *now))
    form_versions._versions.cache_clear()
    yield
    form_versions._versions.cache_clear()


OLD_HEADER = (
    "Số vụ mâu thuẫn",
    "Mã xã",
    "Ngày phát hiện",
    "Mức độ",
    "Tình trạng giải quyết",
    "Số người liên quan",
    "Kết quả",
    "Thời tiết",
)
OLD_ROW = ("MT-1", COMMUNE, "11/04/2023", "1", "Đất đai", "2", "Đang giải quyết", "mưa")


@pytest.mark.usefixtures("later")
def test_a_former_template_is_read_by_its_own_headers_and_what_it_lacks_is_named(tmp_path: Path) -> None:
    # Given a book of version 1, in which the header that is the status today named the cause
    path = write_csv(tmp_path / "so.csv", [("Mẫu khopso:conflicts/1",), OLD_HEADER, OLD_ROW])
    sheets = open_sheets(path)
    # When it is read
    reading = read_register(CONFLICTS, sheets, FORMS, version=1)
    # Then every column is what it was then, and the answer says what version 1 does not have and what is no longer kept
    columns = [column.id for column in reading.parts[0].matching.columns.values()]
    assert columns == ["conflict_no", "commune_code", "detected_on", "level", "cause", "parties", "status"]
    told = {note.rule: note for note in reading.all_notes()}
    assert "“Kéo dài”" in told["template_older"].message.vi
    assert told["unknown_column"].field == "Thời tiết"


@pytest.mark.usefixtures("later")
def test_a_template_of_a_later_version_is_read_by_names_and_said_to_be_newer(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "so.csv", [("Mẫu khopso:conflicts/3",), CONFLICT_HEADER, CONFLICT_ROW])
    reading = read_register(CONFLICTS, open_sheets(path), FORMS, version=3)
    assert [note.rule for note in reading.all_notes()] == ["template_newer"]


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_printed_blank_has_its_rows_numbered_pages_title_unit_and_signatures(
    form: str, tmp_path: Path
) -> None:
    path = tmp_path / "so.pdf"
    book = Book(FORMS[form], "vi", "Công an phường Thử", date(2024, 1, 1), date(2024, 3, 31), rows=30)
    write_blank(book, path, AT)
    found = pages(path)
    whole = "\n".join(found)
    assert all(f"Trang {number}/{len(found)}" in page for number, page in enumerate(found, start=1))
    assert "CÔNG AN PHƯỜNG THỬ" in found[0]
    assert "Từ ngày 01/01/2024 đến ngày 31/03/2024" in found[0]
    assert "NGƯỜI LẬP SỔ" in whole
    assert "THỦ TRƯỞNG ĐƠN VỊ" in whole
    assert {str(number) for number in range(1, 31)} <= {line.strip() for line in whole.splitlines()}
    for column in FORMS[form].columns:
        for label in (column.codes or {}).values():
            assert "".join(label.split()) in "".join(found[-1].split())


def test_the_printed_blank_is_landscape_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    made = []
    for name in ("a.pdf", "b.pdf"):
        write_blank(Book(FORMS["registry"], "en", rows=60), tmp_path / name, AT)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    first = PdfReader(BytesIO(made[0])).pages[0].mediabox
    assert float(first.width) > float(first.height)


def test_a_blank_of_two_pages_repeats_its_header(khopso: Khopso, tmp_path: Path) -> None:
    out = tmp_path / "so.pdf"
    assert khopso("template", "doses", out, "--pdf", "--blank", "30").code == 0
    header = "Mã người"
    assert sum(header in page for page in pages(out)[:-1]) == len(pages(out)) - 1 > 1
