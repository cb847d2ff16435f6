"""`khopso compositions`: what is read, which texts are sent on what was seen, and what is printed."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

PATH = "/v1/reports/annual/composition"
STEP = {
    "number": 2, "act": "written", "state": "draft", "at": "2024-01-14T02:00:00Z", "by": "viết",
    "unit": "committee:30", "reason": None, "known_at": None, "source": None,
}  # fmt: skip
STANDS = {
    "report": "annual", "area": "somewhere", "outcome": "read", "state": "draft", "seen": 2, "remarks": "Ổn định.",
    "causes": "Thiếu cán bộ.", "directions": "", "recommendations": "", "may": ["written"], "steps": [STEP],
    "earlier": None,
}  # fmt: skip
TEXTS = {"causes": "Thiếu cán bộ.", "directions": "", "recommendations": ""}
NAMED = ("annual", "--year", "2023", "--area", "30")


@pytest.fixture
def sent(fake: FakeServices) -> list[tuple[dict[str, str], Any]]:
    """The report as it stands, and every step that was sent, with the parameters that named the report."""
    found: list[tuple[dict[str, str], Any]] = []
    fake.routes[f"GET {PATH}"] = lambda _query, _body: (200, STANDS)

    def step(query: dict[str, str], body: Any) -> tuple[int, Any]:
        found.append((query, body))
        return 200, {**STANDS, "outcome": "done", "seen": body["seen"] + 1}

    fake.routes[f"POST {PATH}"] = step
    return found


def test_texts_come_from_files_and_those_without_one_stay(
    khopso: Khopso, sent: list[tuple[dict[str, str], Any]], tmp_path: Path
) -> None:
    # Given a file as a text editor of another system saves it
    file = tmp_path / "remarks.txt"
    file.write_bytes("\ufeffTốt hơn.\r\n- Không có tụ điểm\r\n".encode())
    ran = khopso("compositions", "write", *NAMED, "--remarks", file)
    assert ran.code == 0, ran.err
    # Then it is sent on what stands, with the other texts as they are
    ((query, body),) = sent
    assert query == {"year": "2023", "area": "30"}
    assert body == {"act": "written", "seen": 2, "remarks": "Tốt hơn.\n- Không có tụ điểm", **TEXTS}
    assert "bước 3" in ran.out


def test_without_a_file_or_with_one_that_is_no_text_nothing_is_sent(
    khopso: Khopso, sent: list[tuple[dict[str, str], Any]], tmp_path: Path
) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    for more, rule in (
        ((), "report_text_missing"),
        (("--causes", picture), "report_text_encoding"),
        (("--causes", tmp_path / "none.txt"), "file_missing"),
    ):
        ran = khopso("compositions", "write", *NAMED, *more, "--json")
        assert (ran.code, ran.document["error"]["rule"]) == (2, rule)
    assert not sent


@pytest.mark.parametrize(
    ("command", "more", "body"),
    [
        ("submit", (), {"act": "submitted", "seen": 2}),
        ("take-over", (), {"act": "taken_over", "seen": 2}),
        ("recall", ("--reason", "bổ sung"), {"act": "recalled", "seen": 2, "reason": "bổ sung"}),
        ("approve", ("--seen", "1"), {"act": "approved", "seen": 1}),
        ("return", ("--reason", "nêu rõ"), {"act": "returned", "seen": 2, "reason": "nêu rõ"}),
    ],
)
def test_a_step_is_taken_on_what_stands_or_on_what_was_seen(
    khopso: Khopso,
    sent: list[tuple[dict[str, str], Any]],
    command: str,
    more: tuple[str, ...],
    body: dict[str, Any],
) -> None:
    ran = khopso("compositions", command, *NAMED, *more, "--json")
    assert ran.code == 0, ran.err
    assert sent == [({"year": "2023", "area": "30"}, body)]
    assert ran.document["outcome"] == "done"


@pytest.mark.parametrize("command", ["recall", "return", "approve"])
def test_a_step_that_needs_a_reason_or_what_was_seen_is_not_taken_without(
    khopso: Khopso, sent: list[tuple[dict[str, str], Any]], command: str
) -> None:
    assert khopso("compositions", command, *NAMED).code == 2
    assert not sent


def test_a_report_is_shown_with_its_texts_its_steps_and_what_it_may_begin_with(
    khopso: Khopso, fake: FakeServices, sent: list[tuple[dict[str, str], Any]]
) -> None:
    closing = "0189d3a0-0000-7000-8000-000000000001"
    earlier = {"closing": closing, "edition": 1, "last": STEP | {"by": "người trước"}}
    fake.routes[f"GET {PATH}"] = lambda _query, _body: (200, STANDS | {"earlier": earlier})
    ran = khopso("compositions", "show", "annual", "--closing", closing)
    assert ran.code == 0, ran.err
    assert fake.calls[-1][1] == {"closing": closing}
    for said in ("đang soạn", "Ổn định.", "Thiếu cán bộ.", "lưu nội dung", "14/01/2024 09:00", "người trước"):
        assert said in ran.out
    assert "Phương hướng" not in ran.out


def test_reports_that_wait_are_listed_over_all_pages(khopso: Khopso, fake: FakeServices) -> None:
    one = {"report": "annual", "area": "somewhere", "span": "year 2023", "why": "decide", "last": STEP}
    pages = {"": ([one], "next"), "next": ([one | {"span": "year 2022"}], None)}

    def answer(query: dict[str, str], _body: Any) -> tuple[int, Any]:
        reports, following = pages[query.get("after", "")]
        return 200, {"reports": reports, "next": following}

    fake.routes["GET /v1/compositions"] = answer
    assert [each["span"] for each in khopso("compositions", "list", "--json").document["reports"]] == [
        "year 2023",
        "year 2022",
    ]
    out = khopso("compositions", "list").out
    assert all(said in out for said in ("year 2022", "Duyệt hoặc trả lại", "viết"))
