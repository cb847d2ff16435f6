"""`khopso check RULE --mark …`: a line is marked, its marks are shown, and lists are narrowed by them."""

from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices
from tests.unit.khopso.test_check_command import entry, everything, finding

STANDING = {
    "state": "done",
    "found": True,
    "id": "9b2c",
    "to_unit": "health:288",
    "to_person": None,
    "on": "2024-05-20",
    "at": "2024-06-01T02:00:00+00:00",
    "by": "binh",
    "by_unit": "health:288",
    "note": "đã gửi Mẫu 11",
    "marks": 2,
}


def answers(fake: FakeServices, outcome: str) -> list[Any]:
    sent: list[Any] = []

    def answer(query: dict[str, str], body: Any) -> tuple[int, Any]:
        sent.append((query, body))
        return 200, {"rule": "a.b", "line": body["line"], "outcome": outcome, "mark": STANDING}

    fake.routes["POST /v1/checks/a.b/marks"] = answer
    return sent


def test_a_line_is_marked_with_whom_note_and_day(fake: FakeServices, khopso: Khopso) -> None:
    sent = answers(fake, "marked")
    ran = khopso(
        "check", "a.b", "--as-of", "14/12/2023", "--line", "L1", "--mark", "assigned",
        "--to-unit", "health:288", "--note", "gọi lại", "--on", "20/05/2024",
        "--seen", "none",
    )  # fmt: skip
    assert ran.code == 0
    body = {
        "line": "L1",
        "mark": "assigned",
        "to_unit": "health:288",
        "note": "gọi lại",
        "on": "2024-05-20",
        "seen": "none",
    }
    assert sent == [({"as_of": "2023-12-14"}, body)]
    # And what the check says stands beside the mark
    assert "vẫn còn tìm thấy" in ran.out


def test_what_was_so_already_is_said(fake: FakeServices, khopso: Khopso) -> None:
    answers(fake, "unchanged")
    assert "không có gì thay đổi" in khopso("check", "a.b", "--line", "L1", "--mark", "done").out


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--mark", "done", "--line", "L1"),
        ("check", "a.b", "--mark", "done"),
        ("check", "a.b", "--line", "L1"),
        ("check", "a.b", "--note", "x"),
        ("check", "a.b", "--open", "--mine"),
        ("check", "a.b", "--mark", "maybe", "--line", "L1"),
    ],
)
def test_half_a_mark_is_refused_before_anything_is_asked(
    fake: FakeServices, khopso: Khopso, words: tuple[str, ...]
) -> None:
    assert khopso(*words).code == 2
    assert not fake.calls


def test_lists_are_narrowed_and_show_marks_beside_lines(fake: FakeServices, khopso: Khopso) -> None:
    document = (
        everything() | entry("a.b", 1) | {"findings": [finding("1") | {"mark": STANDING}], "next": None}
    )
    del document["checks"]
    asked: list[dict[str, str]] = []

    def answer(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        asked.append(query)
        return 200, document

    fake.routes["GET /v1/checks/a.b"] = answer
    ran = khopso("check", "a.b", "--open")
    assert "đã gửi Mẫu 11" in ran.out
    assert "vẫn còn tìm thấy" in ran.out
    khopso("check", "a.b", "--mine")
    assert [query["marked"] for query in asked] == ["open", "mine"]


def test_the_history_tells_what_is_settled(fake: FakeServices, khopso: Khopso) -> None:
    mark = {**STANDING, "id": "m", "mark": "done"}
    line = finding("1") | {"mark": {**STANDING, "found": False}, "history": [mark]}
    pages = {"": ([line], "1"), "1": ([finding("2") | {"mark": STANDING, "history": [mark]}], None)}

    def answer(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        lines, after = pages[query.get("after", "")]
        return 200, everything() | entry("a.b", 1) | {"lines": lines, "next": after}

    fake.routes["GET /v1/checks/a.b/marks"] = answer
    ran = khopso("check", "a.b", "--marks")
    assert "đã giải quyết" in ran.out
    assert "binh" in ran.out
    assert [line["subject"] for line in khopso("check", "a.b", "--marks", "--json").document["lines"]] == [
        "1",
        "2",
    ]
