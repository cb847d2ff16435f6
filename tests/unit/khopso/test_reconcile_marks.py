"""`khopso reconcile … --mark`: a record behind a step is marked, its mark is shown, and steps are narrowed by marks."""

from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices
from tests.unit.khopso.test_check_marks import STANDING
from tests.unit.khopso.test_reconcile_command import FIGURE, PATH, answer, step

LINE = "d.recorded_late.r"
ASKED = ("reconcile", FIGURE, "--agency", "police", "--as-of", "14/12/2023")


def record(**more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("unit", "area", "area_name", "since", "until", "known_from", "person"))
    reason = {"vi": "ghi muộn", "en": "late"}
    return {"line": LINE, "record": "r", **empty, "counted_in": "computed", "reason": reason, **more}


def test_a_record_behind_a_step_is_marked(fake: FakeServices, khopso: Khopso) -> None:
    sent: list[Any] = []

    def marked(query: dict[str, str], body: Any) -> tuple[int, Any]:
        sent.append((query, body))
        return 200, {"rule": FIGURE, "line": LINE, "outcome": "marked", "mark": STANDING}

    fake.routes[f"POST {PATH}/marks"] = marked
    ran = khopso(*ASKED, "--line", LINE, "--mark", "done", "--note", "đã hỏi xã", "--seen", "none")
    assert ran.code == 0
    body = {"line": LINE, "mark": "done", "note": "đã hỏi xã", "seen": "none"}
    assert sent == [({"agency": "police", "as_of": "2023-12-14"}, body)]
    assert "vẫn còn tìm thấy" in ran.out


def test_steps_are_narrowed_and_show_marks_with_what_names_each_line(
    fake: FakeServices, khopso: Khopso
) -> None:
    asked: list[dict[str, str]] = []
    steps = [
        step(
            "recorded_late", 1, "measured", records_total=2, records=[record(mark=STANDING)], records_offset=0
        )
    ]

    def answered(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        asked.append(query)
        return 200, answer(steps=steps)

    fake.routes[f"GET {PATH}"] = answered
    ran = khopso(*ASKED, "--open")
    khopso(*ASKED, "--mine")
    assert [(query["marked"], query["records"]) for query in asked] == [("open", "true"), ("mine", "true")]
    assert LINE in ran.out
    assert "đã gửi Mẫu 11" in ran.out


@pytest.mark.parametrize(
    "words", [("--mark", "done"), ("--line", LINE), ("--open", "--mine"), ("--mark", "maybe", "--line", LINE)]
)
def test_half_a_mark_is_refused_before_anything_is_asked(
    fake: FakeServices, khopso: Khopso, words: tuple[str, ...]
) -> None:
    assert khopso(*ASKED, *words).code == 2
    assert not fake.calls
