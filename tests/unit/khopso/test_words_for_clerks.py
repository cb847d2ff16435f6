"""What the command line says where something is wrong, slow or empty: in a clerk's words, Vietnamese first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from khopso.api import Api
from khopso.failure import FailureError
from khopso.words import day_shown, moment_shown, when
from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

BAD_ROW = (*CONFLICT_ROW[:3], 9, *CONFLICT_ROW[4:])


@pytest.mark.parametrize(
    ("arguments", "said", "help_of"),
    [
        (["figure"], "thiếu CODE", "khopso figure --help"),
        (["figur"], "không có lệnh “figur”; gần giống: 'figure', 'figures'", "khopso --help"),
        (["figure", "x", "--as-f", "1"], "không có tùy chọn --as-f; gần giống: --area-of, --as, --as-of", "khopso figure"),
        (["figure", "x", "y"], "thừa tham số: y", "khopso figure --help"),
        (["republish", "nobody"], "SERVICE không nhận “nobody”, chỉ nhận 'registry'", "khopso republish --help"),
        (["dlq", "show", "registry", "zero"], "NUMBER phải là một số", "khopso dlq show --help"),
        (["dlq"], "thiếu lệnh con", "khopso dlq --help"),
        (["token"], "thiếu tùy chọn --unit", "khopso token --help"),
        (["wait", "--timeout"], "tùy chọn --timeout cần một giá trị", "--help"),
        (["check", "--days", "-1"], "--days phải từ 0 trở lên", "khopso check --help"),
    ],
)  # fmt: skip
def test_wrong_use_is_said_in_vietnamese_with_where_the_help_is(
    khopso: Khopso, arguments: list[str], said: str, help_of: str
) -> None:
    ran = khopso(*arguments)
    assert ran.code == 2
    assert f"Dùng sai lệnh: {said}" in ran.err
    assert help_of in ran.err


def test_faults_name_the_column_as_the_register_does(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = write_csv(tmp_path / "so.csv", [("Màu", *CONFLICT_HEADER), ("đỏ", *BAD_ROW)])
    ran = khopso("import", "conflicts", path, "--ignore-column", "Màu")
    assert "dòng / row 2, Mức độ (level) = 9: " in ran.out
    assert "dòng / row 1, Màu: " in ran.out


def test_a_service_at_work_is_not_called_unreachable(khopso: Khopso, fake: FakeServices) -> None:
    with Api(Path("nowhere"), timeout_seconds=0.2) as api, release_when_left() as held:
        fake.routes["GET /v1/figures"] = lambda _query, _body: (held.wait(20), (200, {}))[1]
        with pytest.raises(FailureError) as failed:
            api.get("reporting", "/v1/figures", patience_seconds=0)
    assert (failed.value.exit_code, failed.value.rule) == (3, "service_slow")


@contextmanager
def release_when_left() -> Iterator[Event]:
    """Something that a service waits for until the test has seen what it wanted to see."""
    held = Event()
    try:
        yield held
    finally:
        held.set()


def test_a_file_that_is_not_there_shows_no_progress(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    ran = khopso("import", "conflicts", tmp_path / "khong-co.csv")
    assert ran.err.splitlines()[0].startswith("Không có tệp")


def test_an_empty_list_is_said_to_be_empty(khopso: Khopso, fake: FakeServices) -> None:
    fake.routes["GET /v1/consumers"] = lambda _query, _body: (200, [])
    assert khopso("consumers", "list", "reporting").out == "(không có / none)\n"


def test_an_empty_register_is_a_workbook_and_nothing_else(khopso: Khopso, tmp_path: Path) -> None:
    ran = khopso("template", "fires", tmp_path / "mau.csv", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, "template_kind")
    assert not (tmp_path / "mau.csv").exists()


def test_days_and_instants_are_written_as_people_in_vietnam_do() -> None:
    assert (day_shown("2023-12-14"), day_shown(None)) == ("14/12/2023", "–")
    assert moment_shown("2023-12-31T17:30:00.123456+00:00") == "01/01/2024 00:30"
    assert moment_shown("2023-12-31") == "31/12/2023"
    assert when({"from": "2022-12-15", "to": "2023-03-14"}) == "15/12/2022 – 14/03/2023"
    assert when({"as_of": "2023-12-14"}) == "14/12/2023"
