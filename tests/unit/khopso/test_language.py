"""The command line speaks both languages side by side, or the one that ``KHOPSO_LANG`` names."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from khopso import language
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices
from texts import Message

ANSWER = {
    "figure": "methadone.active",
    "area": "30",
    "as_of": "2023-12-19",
    "value": 592,
    "rows": [],
}


@pytest.fixture
def speaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Choose the language of a command that runs in this process."""

    def choose(wanted: str) -> None:
        monkeypatch.setenv("KHOPSO_LANG", wanted)
        language.chosen.cache_clear()

    yield choose
    monkeypatch.undo()
    language.chosen.cache_clear()


def help_in(wanted: str | None, *command: str) -> str:
    """What ``--help`` prints in a process of its own, on one line."""
    surroundings = {name: value for name, value in os.environ.items() if name != "KHOPSO_LANG"} | {
        "COLUMNS": "300"
    }
    if wanted is not None:
        surroundings["KHOPSO_LANG"] = wanted
    done = subprocess.run(
        [sys.executable, "-m", "khopso", *command, "--help"],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("wanted", "spoken", "unspoken"),
    [
        (None, ["Mã số liệu / figure code.", "Một số liệu / one figure."], []),
        ("both", ["Mã số liệu / figure code.", "Một số liệu / one figure."], []),
        ("vi", ["Mã số liệu.", "Một số liệu."], ["figure code", "one figure"]),
        ("en", ["Figure code.", "One figure."], ["Mã số liệu", "Một số liệu"]),
    ],
)
def test_help_is_in_the_chosen_language(wanted: str | None, spoken: list[str], unspoken: list[str]) -> None:
    printed = help_in(wanted, "figure")
    assert [text for text in spoken if text not in printed] == []
    assert [text for text in unspoken if text in printed] == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("both", "592 người / persons"),
        ("vi", "592 người"),
        ("en", "592 persons"),
    ],
)
def test_answer_is_in_the_chosen_language(
    khopso: Khopso, fake: FakeServices, speaking: Any, wanted: str, expected: str
) -> None:
    fake.routes["GET /v1/figures/methadone.active"] = lambda _query, _body: (200, ANSWER)
    speaking(wanted)
    ran = khopso("figure", "methadone.active", "--as-of", "19/12/2023")
    assert ran.code == 0
    assert (" / " in ran.out) == (wanted == "both")
    assert expected in ran.out


@pytest.mark.parametrize(("wanted", "count"), [("both", 2), ("vi", 1), ("en", 1)])
def test_failure_is_in_the_chosen_language(khopso: Khopso, speaking: Any, wanted: str, count: int) -> None:
    speaking(wanted)
    ran = khopso("figure", "methadone.aktive")
    assert ran.code == 2
    assert sum(text in ran.err for text in ("Không có số liệu", "no figure methadone.aktive")) == count


def test_json_has_both_languages_whatever_is_chosen(khopso: Khopso, speaking: Any) -> None:
    speaking("en")
    ran = khopso("figure", "methadone.aktive", "--json")
    assert set(ran.document["error"]["message"]) == {"vi", "en"}
    assert ran.document["error"]["message"]["vi"].startswith("Không có số liệu")


def test_unknown_language_is_wrong_use(khopso: Khopso, speaking: Any) -> None:
    speaking("fr")
    ran = khopso("status", "--json")
    assert (ran.code, ran.document["error"]["rule"]) == (2, "cli.language")


def test_texts_are_lines_of_their_own_and_one_where_both_say_the_same(speaking: Any) -> None:
    assert language.lines(Message("một", "one")) == ["một", "one"]
    assert language.lines(Message("kg", "kg")) == ["kg"]
    speaking("en")
    assert language.lines(Message("một", "one")) == ["one"]
    assert language.brief(Message("một", "one")) == "one"
