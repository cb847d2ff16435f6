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


def test_an_unknown_column_is_reported_without_refusing_rows(
    khopso: Khopso, fake: FakeServices, tmp_path: Path
) -> None:
    fake.accept_rows("conflicts")
    path = write_csv(tmp_path / "so.csv", [("STT", *CONFLICT_HEADER), ("1", *CONFLICT_ROW)])
    ran = khopso("import", "conflicts", path, "--json")
    assert ran.code == 0
    assert [(entry["row"], entry["field"], entry["rule"]) for entry in ran.document["refused"]] == [
        (1, "STT", "unknown_column")
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


def test_dead_letters_are_listed_shown_and_settled(khopso: Khopso, fake: FakeServices) -> None:
    letter = {
        "id": 7,
        "topic": "registry.records",
        "partition": 1,
        "offset": 42,
        "consumer": "fold",
        "reason": "bad_json",
        "failed_at": "2026-01-01T00:00:00Z",
    }
    others = [letter | {"id": number} for number in (8, 9)]
    pages = {"": ([letter], 7), "7": (others[:1], 8), "8": (others[1:], None)}

    def listed(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        letters, following = pages[query.get("after", "")]
        return 200, {"dead_letters": letters, "next": following}

    fake.routes["GET /v1/dlq"] = listed
    fake.routes["GET /v1/dlq/7"] = lambda _query, _body: (200, letter)
    for action in ("retry", "discard"):
        fake.routes[f"POST /v1/dlq/7/{action}"] = lambda _query, _body: (200, {"status": "done"})
    everything = {"dead_letters": [letter, *others], "next": None}
    assert khopso("dlq", "list", "reporting", "--json").document == everything
    assert "bad_json" in khopso("dlq", "list", "reporting").out
    assert khopso("dlq", "show", "reporting", "7", "--json").document == letter
    assert khopso("dlq", "retry", "reporting", "7", "--json").document["action"] == "retry"
    assert "khopso dlq erase" in khopso("dlq", "discard", "reporting", "7").out


def test_a_dead_letter_is_erased_with_a_reason_and_shown_unmasked_only_when_asked(
    khopso: Khopso, fake: FakeServices
) -> None:
    asked: list[Any] = []

    def shown(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        asked.append(query)
        return 200, {"id": 7}

    def erased(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        asked.append(body)
        return 200, {"id": 7, "status": "erased", "logs_forgot": len(asked) > 3}

    fake.routes["GET /v1/dlq/7"] = shown
    fake.routes["POST /v1/dlq/7/erase"] = erased
    assert khopso("dlq", "show", "reporting", "7").code == 0
    assert khopso("dlq", "show", "reporting", "7", "--unmasked").code == 0
    assert khopso("dlq", "erase", "reporting", "7").code == 2
    kept = khopso("dlq", "erase", "reporting", "7", "--reason", "sent in the clear").out
    gone = khopso("dlq", "erase", "reporting", "7", "--reason", "sent in the clear").out
    assert asked == [{}, {"unmasked": "true"}, *2 * [{"reason": "sent in the clear"}]]
    assert "retention" in kept
    assert "on the log too" in gone


def test_a_consumer_that_dead_letters_stopped_is_seen_and_resumed(khopso: Khopso, fake: FakeServices) -> None:
    state = {
        "consumer": "reporting-g1",
        "consecutive_dead_letters": 100,
        "stopped_at": "2026-01-01T00:00:00Z",
        "reason": "unknown-type",
    }
    fake.routes["GET /v1/consumers"] = lambda _query, _body: (200, [state])
    fake.routes["POST /v1/consumers/reporting-g1/resume"] = lambda _query, _body: (200, {"resumed": True})
    assert khopso("consumers", "list", "reporting", "--json").document == [state]
    assert "dừng / stopped" in khopso("consumers", "list", "reporting").out
    assert khopso("consumers", "resume", "reporting", "reporting-g1", "--json").document["resumed"] is True


def test_bare_khopso_lists_the_commands(khopso: Khopso) -> None:
    ran = khopso()
    assert ran.code == 2
    for command in ("up", "down", "status", "demo", "import", "template", "figures", "wait", "token", "dlq"):
        assert command in ran.out


def test_a_second_person_is_asked_and_decides_and_the_approval_is_presented(
    khopso: Khopso, fake: FakeServices
) -> None:
    # Given a service with one request for approval on each of two pages
    told: list[Any] = []
    one = {
        "id": "0199",
        "state": "asked",
        "action": "erase_dead_letter",
        "form": "",
        "unit": "",
        "item": "7",
        "rows": 1,
        "used": 0,
        "reason": "sent in the clear",
        "asked_by": "one",
        "expires_at": "2026-01-02T00:00:00Z",
    }

    def listed(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        told.append(query)
        return 200, {"approvals": [one], "next": None if "before" in query else "0199"}

    def heard(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        told.append(body)
        return 201, one

    fake.routes["GET /v1/approvals"] = listed
    fake.routes["POST /v1/approvals"] = heard
    fake.routes["POST /v1/approvals/0199/decision"] = heard
    # When somebody asks, lists, approves and refuses
    asked = khopso(
        "approvals", "ask", "reporting", "erase_dead_letter", "--item", "7", "--reason", "sent in the clear"
    )
    shown = khopso("approvals", "list", "reporting", "--json")
    khopso("approvals", "approve", "reporting", "0199", "--as", "two")
    khopso("approvals", "refuse", "reporting", "0199")
    # Then the service heard it, and every page was read
    assert "0199" in asked.out
    assert len(shown.document["approvals"]) == 2
    wanted = {name: one[name] for name in ("action", "form", "unit", "item", "rows", "reason")}
    assert told == [wanted, {}, {"before": "0199"}, {"approve": True}, {"approve": False}]


def test_keys_are_shown_and_rotated_batch_by_batch(khopso: Khopso, fake: FakeServices) -> None:
    # Given a service with five identities under an older key, of which each request rewrites up to two
    left = [2, 2, 1, 0]
    keys = {"current": "2026", "identities": {"2025": 5, "2026": 3}}
    fake.routes["GET /v1/keys/fields"] = lambda _query, _body: (200, keys)
    fake.routes["POST /v1/keys/fields/rotate"] = lambda _query, _body: (200, {"rewritten": left.pop(0)})
    # When they are shown and rotated
    shown = khopso("keys", "show", "registry").out
    rotated = khopso("keys", "rotate", "fields", "registry", "--json")
    # Then every batch was asked for
    assert "2025" in shown
    assert "hiện hành" in shown
    assert rotated.document == {"service": "registry", "key": "2026", "rewritten": 5}
    assert left == []
