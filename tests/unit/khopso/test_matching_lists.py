"""`khopso match`: what it reads, sends, prints and says by its exit code."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv, write_xlsx
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ROUTE = "POST /v1/forms/conflicts/matches"
REASON = {"code": "missing_there", "vi": "Danh sách thiếu", "en": "missing from the list", "row": None}
ALONE: dict[str, Any] = {
    "kind": "only_ours",
    "row": None,
    "unit": "police:10513",
    "key": "MT-9",
    "record": "01a20646-1c2a-77c4-840f-05130f548932",
    "person": None,
    "fields": [],
    "reason": REASON,
    "newer": None,
    "values": {"conflict_no": "MT-9", "commune_code": "10513"},
}


def answering(fake: FakeServices, items: list[dict[str, Any]]) -> None:
    def answer(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {
            "form": "conflicts",
            "theirs": len(body["rows"]),
            "ours": len(body["rows"]) + len(items),
            "in_both": len(body["rows"]),
            "different": 0,
            "only_theirs": 0,
            "only_ours": len(items),
            "persons": None,
            "items": items,
            "open_rows": [],
            "matched": [],
            "units": [],
        }

    fake.routes[ROUTE] = answer


def test_all_the_same_ends_with_0_and_sends_what_was_asked(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    answering(fake, [])
    path = write_csv(tmp_path / "list.csv", [CONFLICT_HEADER, CONFLICT_ROW], ";")
    ran = khopso(
        "match", "conflicts", path, "--unit", "police:10513", "--area", "288", "--agency", "police",
        "--as-of", "19/12/2023", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.document["in_both"] == 1
    assert ran.document["items"] == []
    (_, query, body), *more = fake.calls
    assert not query
    assert not more
    assert {name: body[name] for name in ("unit", "area", "agency", "as_of", "final")} == {
        "unit": "police:10513", "area": "288", "agency": "police", "as_of": "2023-12-19", "final": True,
    }  # fmt: skip
    assert body["rows"][0]["row"] == 2
    assert body["rows"][0]["values"]["conflict_no"] == "MT-1"
    assert set(body["columns"]) == set(CONFLICT_HEADER)


def test_an_approved_export_of_the_unit_goes_with_the_list(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    # Given an approval of the unit's register
    answering(fake, [])
    path = write_csv(tmp_path / "list.csv", [CONFLICT_HEADER, CONFLICT_ROW], ";")
    # When the list is matched with it, then the service gets it, and without it none
    approved = ("--approval", "018f0000-0000-7000-8000-000000000001")
    assert khopso("match", "conflicts", path, "--unit", "police:10513", *approved).code == 0
    assert khopso("match", "conflicts", path, "--unit", "police:10513").code == 0
    assert fake.approvals == [approved[1], ""]
    # And it is of no use without the unit whose register was approved
    ran = khopso("match", "conflicts", path, *approved, "--json")
    assert (ran.code, len(fake.calls)) == (2, 2)


def test_anything_different_ends_with_1_prints_the_reason_and_writes_the_worklist(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    answering(fake, [ALONE])
    path = write_xlsx(tmp_path / "list.xlsx", [CONFLICT_HEADER, CONFLICT_ROW])
    ran = khopso("match", "conflicts", path, "--out", tmp_path / "work.xlsx")
    assert ran.code == 1
    assert "Danh sách thiếu" in ran.out
    assert "MT-9" in ran.out
    assert "police 10513" in load_workbook(tmp_path / "work.xlsx").sheetnames


def test_a_cell_that_cannot_be_read_is_an_item_and_the_other_rows_are_matched(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    answering(fake, [])
    broken = list(CONFLICT_ROW)
    broken[2] = "=TODAY()"
    path = write_xlsx(tmp_path / "list.xlsx", [CONFLICT_HEADER, broken, CONFLICT_ROW])
    ran = khopso("match", "conflicts", path, "--json")
    assert ran.code == 1
    (item,) = ran.document["items"]
    assert (item["kind"], item["row"], item["reason"]["code"]) == ("only_theirs", 2, "refused")
    assert (ran.document["theirs"], ran.document["only_theirs"]) == (2, 1)
    assert [row["row"] for row in fake.calls[0][2]["rows"]] == [3]


def test_columns_that_no_form_has_are_named_and_not_sent(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    answering(fake, [])
    path = write_csv(tmp_path / "list.csv", [(*CONFLICT_HEADER, "Ghi chú riêng"), (*CONFLICT_ROW, "x")])
    ran = khopso("match", "conflicts", path, "--json")
    assert (ran.code, ran.document["unknown_columns"]) == (0, ["Ghi chú riêng"])
    assert "x" not in fake.calls[0][2]["rows"][0]["values"].values()


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_a_list_may_begin_with_a_title_as_agencies_own_exports_do(
    khopso: Khopso, fake: FakeServices, tmp_path: Path, name: str
) -> None:
    answering(fake, [])
    title: list[tuple[Any, ...]] = [
        ("CÔNG AN TỈNH HẢI DƯƠNG", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("Số vụ", None, None),
        ("DANH SÁCH MÂU THUẪN TÍNH ĐẾN 14/12/2023", None, None),
        (None, None, None),
    ]
    write = write_xlsx if name.endswith(".xlsx") else write_csv
    path = write(tmp_path / name, [*title, CONFLICT_HEADER, CONFLICT_ROW])
    ran = khopso("match", "conflicts", path, "--json")
    assert ran.code == 0, ran.err
    assert [row["row"] for row in fake.calls[0][2]["rows"]] == [6], "as the sheet numbers it"


def test_every_sheet_with_the_same_columns_is_compared_and_others_are_named(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    # Given two months in two sheets, and a third sheet with another set of columns
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in (
        ("Tháng 1", [CONFLICT_HEADER, CONFLICT_ROW]),
        ("Tháng 2", [("Tháng 2",), CONFLICT_HEADER, ("MT-2", *CONFLICT_ROW[1:])]),
        ("Tóm tắt", [CONFLICT_HEADER[:2], CONFLICT_ROW[:2]]),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    differing = {**ALONE, "kind": "only_theirs", "row": 5, "values": None}
    answering(fake, [{**differing, "reason": {**REASON, "row": 2, "vi": "trùng dòng 2", "en": "as row 2"}}])
    # When it is compared, rows of both months are sent under numbers of their own
    ran = khopso("match", "conflicts", path, "--json")
    sent = fake.calls[0][2]["rows"]
    assert [(row["row"], row["values"]["conflict_no"]) for row in sent] == [(2, "MT-1"), (5, "MT-2")]
    # Then the answer says where each row stands, and which sheet was left out
    (item,) = ran.document["items"]
    assert (item["sheet"], item["row"], item["reason"]["en"]) == ("Tháng 2", 3, "as row 2 (Tháng 1)")
    assert [note["value"] for note in ran.document["notes"] if note["rule"] == "match_one_sheet"] == [
        "Tóm tắt"
    ]


@pytest.mark.parametrize("rows", [[], [CONFLICT_HEADER], [CONFLICT_HEADER, ("", None, " ")]])
def test_an_empty_list_is_refused_before_anything_is_asked(
    khopso: Khopso, fake: FakeServices, tmp_path: Path, rows: list[Any]
) -> None:
    ran = khopso("match", "conflicts", write_xlsx(tmp_path / "list.xlsx", rows), "--json")
    assert (ran.code, fake.calls) == (1, [])
    assert ran.document["error"]["rule"] in ("file_empty", "file_no_rows")


def test_a_list_needs_its_key_or_its_people(khopso: Khopso, fake: FakeServices, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", [("commune_code", "level"), ("10513", "1")])
    ran = khopso("match", "conflicts", path, "--json")
    assert (ran.code, fake.calls) == (1, [])
    assert ran.document["error"]["rule"] == "missing_column"
    path = write_csv(tmp_path / "people.csv", [("Họ và tên", "Năm sinh"), ("Lê Thị Hoà", "1985")])
    fake.problem("POST /v1/forms/registry/matches", 403, "unit_scope")
    assert khopso("match", "registry", path).code == 1
    assert fake.calls[0][2]["rows"][0]["values"] == {"full_name": "Lê Thị Hoà", "birth_date": "1985"}


def test_wrong_use_and_missing_files_end_with_2(khopso: Khopso, fake: FakeServices, tmp_path: Path) -> None:
    assert khopso("match", "nothing", tmp_path / "x.csv").code == 2
    assert khopso("match", "conflicts", tmp_path / "x.csv").code == 2
    path = write_csv(tmp_path / "list.csv", [CONFLICT_HEADER, CONFLICT_ROW])
    assert khopso("match", "conflicts", path, "--as-of", "31/02/2023").code == 2
    answering(fake, [ALONE])
    assert khopso("match", "conflicts", path, "--out", tmp_path / "no" / "folder.xlsx").code == 2


@pytest.mark.parametrize(
    "columns", [("conflict_no", "detected_on"), CONFLICT_HEADER], ids=["a short list", "a whole register"]
)
def test_totals_signatures_and_headers_of_pages_are_nothing_that_is_listed(
    khopso: Khopso, fake: FakeServices, tmp_path: Path, columns: tuple[str, ...]
) -> None:
    """Given a list as it is printed, when it is matched, then its sums and signatures are no cases."""
    answering(fake, [])
    row = dict(zip(CONFLICT_HEADER, CONFLICT_ROW, strict=True))
    first = [row[name] for name in columns]
    lines = [columns, first, columns, ["MT-2", *first[1:]], ["Cộng", "2 vụ"], ["", "NGƯỜI LẬP DANH SÁCH"]]
    ran = khopso("match", "conflicts", write_csv(tmp_path / "list.csv", lines, ";"), "--json")
    assert ran.document["theirs"] == 2
    told = [(note["row"], note["rule"]) for note in ran.document["notes"]]
    assert told == [(3, "left_out_header"), (5, "left_out_total"), (6, "left_out_signature")]
