"""The worklist of a match: a workbook by unit that a clerk works off, opened by LibreOffice."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from contracts.forms import FORMS
from khopso.registers.lists import Held, ListRequest
from khopso.registers.worklist import sheet_names, write_worklist
from tests.support.system_tools import require

SUMMARY, NO_UNIT = "Tổng hợp", "Không rõ đơn vị"
STATES = ["Chưa xử lý", "Đã sửa ở hệ thống", "Đã sửa ở danh sách", "Không phải sai sót", "Cần xác minh"]


def item(kind: str, unit: str, row: int | None, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "row": row,
        "unit": unit,
        "key": "HS-1 / 2022-03-01",
        "record": None,
        "person": None,
        "fields": [],
        "reason": {"code": "never_handed_in", "vi": "Chưa được nộp vào hệ thống", "en": "…", "row": None},
        "newer": None,
        "values": None,
        **more,
    }


@pytest.fixture
def held() -> Held:
    found = Held(FORMS["registry"], ListRequest(area="30", as_of="2023-12-19"), ())
    found.counts |= {"theirs": 5, "ours": 4, "in_both": 2, "different": 1, "only_theirs": 2, "only_ours": 1}
    name: dict[str, str | int | float | bool] = {
        "full_name": "=HYPERLINK(1)",
        "birth_date": "05/03/1990",
        "national_id": "030090001234",
    }
    found.rows = {2: name, 3: {"full_name": "Lê Thị Hoà", "birth_date": "1985"}, 4: name}
    found.items = [
        item(
            "different",
            "police:10513",
            2,
            fields=[
                {"field": "sex", "vi": "Giới tính", "theirs": "male", "ours": None, "hint": None},
                {
                    "field": "status_to",
                    "vi": "Đến ngày",
                    "theirs": "2023-02-01",
                    "ours": "2023-01-02",
                    "hint": {"code": "day_month", "vi": "đảo ngày và tháng", "en": "…"},
                },
            ],
            reason={"code": "typo", "vi": "Có vẻ ghi nhầm", "en": "…", "row": None},
            newer="ours",
        ),
        item("only_theirs", "police:10513", 3),
        item("only_theirs", "TTYT [1]/'x'", 4),
        item(
            "only_ours",
            "police:10513",
            None,
            values={"full_name": "Trần Văn Dũng", "birth_date": "1970-12-31"},
            reason={"code": "missing_there", "vi": "Danh sách thiếu", "en": "…", "row": None},
        ),
    ]
    return found


def rows_of(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def recalculated(path: Path, folder: Path) -> Path:
    """The workbook as LibreOffice opens, recalculates and saves it."""
    folder.mkdir()
    command = [require("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", str(folder), str(path)],
        check=True,
        capture_output=True,
        timeout=110,
    )
    return folder / path.name


def test_libreoffice_opens_the_worklist_and_counts_what_is_left(held: Held, tmp_path: Path) -> None:
    path = tmp_path / "worklist.xlsx"
    names = write_worklist(held, path)
    worked = load_workbook(path)
    first = worked[names["police:10513"]]
    state = [cell.value for cell in first[1]].index("Trạng thái xử lý") + 1
    first.cell(2, state).value = STATES[1]
    worked.save(path)

    opened = load_workbook(recalculated(path, tmp_path / "office"), data_only=True)

    assert opened.sheetnames == [SUMMARY, *names.values()]
    lines = rows_of(opened[names["police:10513"]])
    header, different, only_theirs, only_ours = lines
    assert header[:4] == ["STT", "Loại", "Dòng trong danh sách", "Số (khóa)"]
    assert header[4:7] == ["Họ và tên", "Ngày sinh", "Số CCCD/CMND"]
    assert different[1:7] == [
        "Khác nhau", "2", "HS-1 / 01/03/2022", "=HYPERLINK(1)", "05/03/1990", "030090001234",
    ]  # fmt: skip
    assert different[7:12] == [
        "Giới tính\nĐến ngày (đảo ngày và tháng)",
        "Nam\n01/02/2023",
        "(trống)\n02/01/2023",
        "Có vẻ ghi nhầm",
        "Hệ thống",
    ]
    assert only_theirs[4] == "Lê Thị Hoà"
    assert (only_ours[2], only_ours[4], only_ours[5]) == (None, "Trần Văn Dũng", "31/12/1970")
    assert [line[state - 1] for line in lines[1:]] == [STATES[1], STATES[0], STATES[0]]
    summary = {row[1]: row[2:7] for row in rows_of(opened[SUMMARY]) if row[1] in names}
    assert summary["police:10513"] == [1, 1, 1, 3, 2]  # one of three is done
    assert summary["TTYT [1]/'x'"] == [0, 1, 0, 1, 1]
    total = next(row for row in rows_of(opened[SUMMARY]) if row[0] == "Cộng")
    assert total[2:7] == [1, 2, 1, 4, 3]


def test_a_clerk_chooses_the_state_from_a_list_and_finds_every_number_in_the_file(
    held: Held, tmp_path: Path
) -> None:
    path = tmp_path / "worklist.xlsx"
    names = write_worklist(held, path)
    book = load_workbook(path)
    for unit, name in names.items():
        sheet = book[name]
        lines = sum(item["unit"] == unit for item in held.items)
        (choice,) = sheet.data_validations.dataValidation
        assert choice.formula1 == f'"{",".join(STATES)}"'
        assert str(choice.sqref).endswith(str(lines + 1))
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref is not None
    counted = {row[0]: row[1] for row in rows_of(book[SUMMARY]) if row[0] and isinstance(row[1], int)}
    assert counted["Số dòng của danh sách"] == 5
    assert counted["Khớp hoàn toàn"] == 2
    assert not any(cell.data_type == "f" for name in names.values() for row in book[name] for cell in row)


def test_sheet_names_are_such_as_excel_allows_and_never_meet() -> None:
    units = ["", "a" * 40, "A" * 40, "history", "Tổng hợp", "x/y", "x:y", "'q'", "[]", "police:288"]
    names = sheet_names(units)
    assert len({name.casefold() for name in names.values()}) == len(units)
    for name in names.values():
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name[0] != "'" != name[-1]
        assert name.casefold() not in ("history", SUMMARY.casefold())
    assert names[""] == NO_UNIT
    assert names["police:288"] == "police 288"


def test_a_worklist_without_work_is_still_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_worklist(Held(FORMS["fires"], ListRequest(), ()), path)
    assert load_workbook(path).sheetnames == [SUMMARY]
