"""`khopso match FORM --mark …`: what a match found is marked, its mark is shown, and findings are narrowed by marks."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices
from tests.unit.khopso.test_check_marks import STANDING

PATH = "/v1/forms/fires/matches"
COUNTS = {"theirs": 0, "ours": 3, "in_both": 0, "different": 0, "only_theirs": 0, "only_ours": 3}


def item(name: str, *, mine: bool = False, **mark: Any) -> dict[str, Any]:
    reason = {"code": "missing_there", "vi": "thiếu", "en": "missing", "row": None}
    empty = dict.fromkeys(("row", "person", "newer", "values"))
    stands = {**STANDING, **mark} if mark else None
    line = {"line": f"only_ours.{name}", "mark": stands, "mine": mine}
    return {
        **empty, "kind": "only_ours", "unit": "police:30", "key": name, "record": name, "fields": [],
        "reason": reason, **line,
    }  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "list.csv"
    made.write_text("incident_no\nPC07/1\n", encoding="utf-8")
    return made


@pytest.fixture
def found(fake: FakeServices) -> None:
    items = [item("nobodys"), item("finished", state="done"), item("own", mine=True, state="assigned")]
    answer = {
        "form": "fires",
        **COUNTS,
        "persons": None,
        "items": items,
        "open_rows": [],
        "matched": [],
        "units": [],
    }
    fake.routes[f"POST {PATH}"] = lambda _query, _body: (200, answer)


def test_what_a_match_found_is_marked_without_the_list(fake: FakeServices, khopso: Khopso) -> None:
    sent: list[Any] = []

    def marked(_query: dict[str, str], body: Any) -> tuple[int, Any]:
        sent.append(body)
        return 200, {"rule": "fires", "line": body["line"], "outcome": "marked", "mark": STANDING}

    fake.routes[f"POST {PATH}/marks"] = marked
    ran = khopso("match", "fires", "--line", "only_ours.1", "--mark", "done", "--seen", "none")
    assert ran.code == 0
    assert sent == [{"line": "only_ours.1", "mark": "done", "seen": "none"}]


@pytest.mark.parametrize(
    ("words", "shown"),
    [((), {"nobodys", "finished", "own"}), (("--open",), {"nobodys", "own"}), (("--mine",), {"own"})],
)
@pytest.mark.usefixtures("found")
def test_findings_are_narrowed_and_show_their_marks(
    khopso: Khopso, file: Path, words: tuple[str, ...], shown: set[str]
) -> None:
    ran = khopso("match", "fires", str(file), *words)
    assert ran.code == 1
    assert {name for name in ("nobodys", "finished", "own") if f"only_ours.{name}" in ran.out} == shown


@pytest.mark.parametrize("words", [("--mark", "done"), (), ("--open", "--mine")])
def test_what_is_half_asked_is_refused_before_anything_is_sent(
    fake: FakeServices, khopso: Khopso, words: tuple[str, ...]
) -> None:
    assert khopso("match", "fires", *words).code == 2
    assert not fake.calls
