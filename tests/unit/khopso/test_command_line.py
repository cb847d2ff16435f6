"""The command line as a contract: JSON on standard output and nothing else, exit codes 0 to 3, both languages."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.workbooks import CONFLICT_HEADER, CONFLICT_ROW, write_csv, write_xlsx
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

BAD_ROW = (*CONFLICT_ROW[:3], 9, *CONFLICT_ROW[4:])


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "so.csv", [CONFLICT_HEADER, CONFLICT_ROW, CONFLICT_ROW])


def test_import_prints_the_counts_as_one_document(
    khopso: Khopso, fake: FakeServices, good_file: Path
) -> None:
    fake.accept_rows("conflicts")
    ran = khopso("import", "conflicts", good_file, "--json")
    assert ran.code == 0
    assert {
        name: ran.document[name] for name in ("form", "accepted", "unchanged", "corrected", "refused")
    } == {
        "form": "conflicts",
        "accepted": 2,
        "unchanged": 0,
        "corrected": 0,
        "refused": [],
    }
    assert fake.tokens == ["Bearer given-token"]
    assert not list(good_file.parent.glob("*-errors.xlsx"))


def test_show_changes_asks_for_them_and_prints_old_and_new(
    khopso: Khopso, fake: FakeServices, good_file: Path
) -> None:
    fake.accept_rows("conflicts")
    accept = fake.routes["POST /v1/forms/conflicts/records"]
    changes = [
        {"row": 2, "field": "cause", "old": "land", "new": "love"},
        {"row": 3, "field": "status_on", "old": "2024-05-01", "new": None},
    ]
    asked: list[Any] = []

    def take(query: dict[str, str], body: Any) -> Any:
        asked.append(body.get("show_changes"))
        status, answer = accept(query, body)
        note = {
            "row": 2,
            "field": "commune_code",
            "value": "10525",
            "rule": "commune_kept",
            "message": {"vi": "giữ nguyên", "en": "kept"},
        }
        counted = {"accepted": 0, "corrected": 1, "withdrawn": 1, "restored": 2, "notes": [note]}
        return status, {**answer, **counted, "changes": changes}

    fake.routes["POST /v1/forms/conflicts/records"] = take
    ran = khopso("import", "conflicts", good_file, "--show-changes", "--json")
    assert (ran.code, asked) == (0, [True])
    assert (ran.document["withdrawn"], ran.document["restored"]) == (1, 2)
    assert ran.document["changes"] == changes
    assert [note["rule"] for note in ran.document["notes"]] == ["commune_kept"]
    printed = khopso("import", "conflicts", good_file, "--show-changes").out
    assert "(cause): Đất đai → Tình ái" in printed
    assert "(status_on): 01/05/2024 → (trống" in printed


def test_a_dry_run_states_the_purpose_that_is_set(
    khopso: Khopso, fake: FakeServices, good_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.accept_rows("conflicts")
    assert khopso("import", "conflicts", good_file, "--dry-run").code == 0
    monkeypatch.setenv("KHOPSO_PURPOSE", "inspection")
    assert khopso("import", "conflicts", good_file, "--dry-run").code == 0
    assert [fake.purposes[0], fake.purposes[-1]] == ["", "inspection"]


def test_refused_rows_make_exit_1_an_entry_each_and_a_workbook_beside_the_file(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = write_xlsx(tmp_path / "so.xlsx", [CONFLICT_HEADER, CONFLICT_ROW, BAD_ROW])
    ran = khopso("import", "conflicts", path, "--json")
    assert ran.code == 1
    assert ran.document["accepted"] == 1
    assert ran.document["refused"] == [
        {
            "row": 3,
            "field": "level",
            "value": "9",
            "rule": "maximum",
            "message": {"vi": "Không được lớn hơn 3", "en": "must be at most 3"},
        }
    ]
    assert ran.document["errors"] == str(tmp_path / "so-errors.xlsx")
    sheet = load_workbook(tmp_path / "so-errors.xlsx").active
    assert sheet is not None
    assert sheet["D2"].comment is not None


def test_the_error_workbook_goes_where_it_is_told(khopso: Khopso, fake: FakeServices, tmp_path: Path) -> None:
    fake.accept_rows("conflicts")
    path = write_csv(tmp_path / "so.csv", [CONFLICT_HEADER, BAD_ROW])
    assert khopso("import", "conflicts", path, "--errors", tmp_path / "sai.xlsx").code == 1
    assert (tmp_path / "sai.xlsx").exists()
    assert not (tmp_path / "so-errors.xlsx").exists()


def test_counts_are_told_even_where_the_error_workbook_cannot_be_written(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = write_csv(tmp_path / "so.csv", [CONFLICT_HEADER, BAD_ROW, CONFLICT_ROW])
    ran = khopso("import", "conflicts", path, "--errors", tmp_path / "nowhere" / "sai.xlsx", "--json")
    assert (ran.code, ran.document["accepted"], ran.document["errors"]) == (1, 1, None)
    assert "sai.xlsx" in ran.err


def test_people_get_counts_and_faults_in_both_languages(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    ran = khopso(
        "import", "conflicts", write_csv(tmp_path / "so.csv", [CONFLICT_HEADER, BAD_ROW, CONFLICT_ROW])
    )
    for text in (
        "accepted 1",
        "refused 1",
        "row 2",
        "level",
        "9",
        "Không được lớn hơn 3",
        "must be at most 3",
    ):
        assert text in ran.out


def test_the_column_that_numbers_the_rows_and_a_column_left_out_refuse_nothing(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = write_csv(tmp_path / "so.csv", [("STT", "Màu", *CONFLICT_HEADER), ("1", "đỏ", *CONFLICT_ROW)])
    ran = khopso("import", "conflicts", path, "--ignore-column", "Màu", "--json")
    assert (ran.code, ran.document["refused"]) == (0, [])
    assert [(note["row"], note["field"], note["rule"]) for note in ran.document["notes"]] == [
        (1, "Màu", "unknown_column")
    ]
    assert ran.document["accepted"] == 1


def test_a_file_that_cannot_be_used_is_exit_1_with_the_same_keys(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "so.csv", [CONFLICT_HEADER[:3], CONFLICT_ROW[:3]])
    ran = khopso("import", "conflicts", path, "--json")
    assert ran.code == 1
    assert ran.document["accepted"] == 0
    assert {entry["rule"] for entry in ran.document["refused"]} == {"missing_column"}
    assert ran.document["error"]["rule"] == "missing_column"
    assert not fake.calls


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["import", "conflicts", "khong-co.csv"], "file_missing"),
        (["import", "nothing", "khong-co.csv"], "unknown_form"),
        (["template", "nothing", "x.xlsx"], "unknown_form"),
        (["figure", "methadone.activ"], "unknown_figure"),
        (["figure", "methadone.active", "--as-of", "31/02/2023"], "not_a_day"),
        (["figure", "methadone.active", "--as-of", "31/12/2023/5"], "not_a_day"),
        (["figure", "methadone.active", "--as-of", "1/2/23"], "not_a_day"),
        (["figure", "methadone.active", "--known-at", "yesterday"], "not_a_day"),
        (["figure", "methadone.active", "--by", "sex", "--by", "area"], "option_twice"),
        (
            ["figure", "methadone.active", "--area=30", "--as-of", "2023-12-31", "--area", "288"],
            "option_twice",
        ),
        (["close", "--calendar", "civil", "--period", "2023", "--period", "2022"], "option_twice"),
        (["figure"], "usage"),
        (["republish", "nobody"], "usage"),
        (["dlq"], "usage"),
        (["dlq", "show", "registry", "zero"], "usage"),
        (["nonsense"], "usage"),
        (["up", "--broker", "pigeon"], "usage"),
        (["token", "--unit", "police:288", "--role", "boss"], "usage"),
    ],
)
def test_wrong_use_is_exit_2_with_a_document(
    khopso: Khopso, fake: FakeServices, arguments: list[str], rule: str
) -> None:
    ran = khopso(*arguments, "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, rule)
    assert ran.err


@pytest.mark.parametrize(
    "arguments", [["figures"], ["wait"], ["figure", "methadone.active"], ["rebuild", "reporting"]]
)
def test_without_a_stack_it_is_exit_3(khopso: Khopso, arguments: list[str]) -> None:
    ran = khopso(*arguments, "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (3, "stack_not_running")
    assert "khopso up" in ran.err


def test_a_service_that_does_not_answer_is_exit_3(khopso: Khopso, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHOPSO_REPORTING_URL", "http://127.0.0.1:9")
    ran = khopso("figures", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (3, "service_unreachable")


@pytest.mark.parametrize(("status", "code"), [(401, 1), (403, 1), (404, 2), (422, 2), (500, 3)])
def test_problem_documents_are_passed_on(khopso: Khopso, fake: FakeServices, status: int, code: int) -> None:
    fake.problem("GET /v1/figures/methadone.active", status, "some_rule")
    ran = khopso("figure", "methadone.active", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (code, "some_rule")
    assert ran.document["error"]["message"] == {"vi": "Không được", "en": "not so"}
    assert "as_of" in ran.document["error"]["details"][0]


def test_a_figure_is_asked_with_iso_days_and_printed_as_it_came(khopso: Khopso, fake: FakeServices) -> None:
    answer: dict[str, Any] = {
        "figure": "methadone.active",
        "area": "30",
        "as_of": "2023-12-19",
        "known_at": None,
        "value": 592,
        "rows": [{"sex": "male", "value": 580}, {"sex": "female", "value": 12}],
        "overlap": 0,
    }
    fake.routes["GET /v1/figures/methadone.active"] = lambda _query, _body: (200, answer)
    options = ["--area", "30", "--as-of", "19/12/2023", "--by", "sex", "--known-at", "2024-01-05T10:00+07:00"]
    ran = khopso("figure", "methadone.active", *options, "--area-of", "facility", "--json")
    assert ran.code == 0
    assert ran.document == answer
    assert fake.calls[0][1] == {
        "area": "30",
        "as_of": "2023-12-19",
        "by": "sex",
        "known_at": "2024-01-05T10:00:00+07:00",
        "area_of": "facility",
    }
    shown = khopso("figure", "methadone.active", *options)
    assert "592" in shown.out
    assert "580" in shown.out


def test_a_period_uses_the_names_from_and_to(khopso: Khopso, fake: FakeServices) -> None:
    answer = {
        "figure": "fires.damage_vnd",
        "area": "30",
        "from": "2023-01-01",
        "to": "2023-12-31",
        "value": 1500000,
    }
    fake.routes["GET /v1/figures/fires.damage_vnd"] = lambda _query, _body: (200, answer)
    ran = khopso("figure", "fires.damage_vnd", "--from", "2023-01-01", "--to", "31/12/2023")
    assert fake.calls[0][1] == {"from": "2023-01-01", "to": "2023-12-31"}
    assert "1.500.000" in ran.out


def test_a_ratio_without_a_base_shows_no_number(khopso: Khopso, fake: FakeServices) -> None:
    code = "registry.users_with_decision_pct"
    answer = {
        "figure": code,
        "area": "30",
        "as_of": "2023-01-01",
        "value": None,
        "numerator": 0,
        "denominator": 0,
    }
    fake.routes[f"GET /v1/figures/{code}"] = lambda _query, _body: (200, answer)
    ran = khopso("figure", code, "--as-of", "2023-01-01")
    assert ran.code == 0
    assert "– %" in ran.out


def test_nothing_but_the_document_on_standard_output(
    khopso: Khopso, fake: FakeServices, good_file: Path, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    for arguments in (
        ["import", "conflicts", good_file],
        ["template", "fires", tmp_path / "mau.xlsx"],
        ["status"],
        ["down"],
    ):
        ran = khopso(*arguments, "--json")
        assert isinstance(ran.document, dict)


def test_status_and_down_where_nothing_ever_ran(khopso: Khopso, tmp_path: Path) -> None:
    status = khopso("status", "--json")
    assert (status.code, status.document["state"]) == (3, "stopped")
    down = khopso("down", "--json")
    assert (down.code, down.document["stopped"]) == (0, False)
    assert not (tmp_path / "data").exists()


def test_the_data_directory_option_wins_over_the_environment(khopso: Khopso, tmp_path: Path) -> None:
    assert khopso("status", "--json").document["data_dir"] == str(tmp_path / "data")
    assert khopso("status", "--data-dir", tmp_path / "other", "--json").document["data_dir"] == str(
        tmp_path / "other"
    )


def test_a_damaged_stack_file_is_named_and_not_overwritten(khopso: Khopso, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    stack = tmp_path / "data" / "stack.json"
    stack.write_text("{")
    ran = khopso("status", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (3, "stack_failed")
    assert str(stack) in ran.err
    assert stack.read_text() == "{"


def test_bare_khopso_lists_the_commands(khopso: Khopso) -> None:
    ran = khopso()
    assert ran.code == 2
    for command in ("up", "down", "status", "demo", "import", "template", "figures", "wait", "token", "dlq"):
        assert command in ran.out
