"""The answer of `khopso demo`: figures beside published ones, a line for each step, and last what to do next."""

import io
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import Stack, people
from khopso.commands.demonstrated import Shown, show, write_detail
from khopso.console import Console
from tests.unit.khopso.test_reconcile_command import answer

URLS = {name: f"http://127.0.0.1:9/{name}" for name in ("registry", "treatment", "incidents", "reporting")}
COMMANDS = ("khopso figure ", "khopso areas ", "khopso check ", "khopso template ", "khopso down")
MANY = 43


def told(place: Path) -> Shown:
    """A demonstration whose every figure is the published one, as far as its answer is printed."""
    one = {
        "figure": "methadone.active",
        "when": "19/12/2023",
        "computed": 592,
        "published": 592,
        "equal": True,
    }
    other = answer(agency="police", declared=438)
    between = {"difference": 154, "unexplained": 4, "steps": []}
    rows: list[dict[str, Any]] = [{"commune": "10513", "name": "Phường Ngọc Châu", "value": 581}]
    story = {
        "waterfall": answer(
            figure="methadone.active", agency="health", declared=592, against=other, between=between
        ),
        "closing": {"id": "c-1", "content_hash": "f00d"},
        "closing_unchanged": True,
        "revisions": {"period": "2023", "calendar": "civil", "edition": 1, "cells": []},
        "hierarchies": {name: {"value": 581, "rows": rows} for name in ("then", "in_2025")},
        "files": ["annual.pdf"],
    }
    return Shown(place, Stack(urls=URLS, logs="logs"), [one] * MANY, [], story, 37.0)


def printed(place: Path, *, verbose: bool) -> list[str]:
    into = io.StringIO()
    show(Console(as_json=False, into=into), told(place), place / "reports/demo.txt", verbose=verbose)
    return into.getvalue().splitlines()


def test_the_last_ten_lines_say_what_to_do_next(tmp_path: Path) -> None:
    last = printed(tmp_path, verbose=False)[-10:]
    assert last[0] == "Việc tiếp theo / what to do next:"
    text = "\n".join(last)
    assert str(tmp_path / "reports" / "annual.pdf") in text
    assert str(tmp_path / "reports" / "demo.txt") in text
    assert f"{URLS['reporting']}/docs" in text
    assert all(command in text for command in COMMANDS)


def test_where_there_are_pages_their_address_and_people_to_sign_in_as_come_last(tmp_path: Path) -> None:
    shown = told(tmp_path)
    shown.stack.pages_url = "http://127.0.0.1:9/pages"
    into = io.StringIO()
    show(Console(as_json=False, into=into), shown, tmp_path / "demo.txt", verbose=False)
    text = into.getvalue()
    assert text.count("http://127.0.0.1:9/pages") == 1
    table = text[text.index("khopso down") :]
    offices = {person.unit for person in people().values()}
    assert all(len(re.findall(rf"{re.escape(unit)}(?!\w)", table)) == 1 for unit in offices)
    assert len(table.splitlines()) < len(offices) + 8


def test_a_person_is_shown_the_comparison_and_one_line_for_each_step(tmp_path: Path) -> None:
    lines = printed(tmp_path, verbose=False)
    text = "\n".join(lines)
    assert text.count("✓") == MANY
    assert f"{MANY}/{MANY} bằng nhau" in text
    assert "Sở Y tế 592 − Công an tỉnh 438 = +154" in text
    assert "581 → 581" in text
    assert "f00d" not in text, "the detail stays in its file"
    assert len(lines) < MANY + 30


def test_the_detail_is_in_the_file_and_on_the_screen_when_asked(tmp_path: Path) -> None:
    detail = write_detail(told(tmp_path)).read_text()
    for part in ("f00d", "annual.pdf", "Phường Ngọc Châu", "khopso token"):
        assert part in detail
    verbose = "\n".join(printed(tmp_path, verbose=True))
    assert detail.strip() in verbose
    assert verbose.splitlines()[-10] == "Việc tiếp theo / what to do next:"


def test_commands_name_a_data_directory_that_is_not_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = f"--data-dir {tmp_path}"
    monkeypatch.setenv("KHOPSO_DATA_DIR", str(tmp_path / "another"))
    assert named in printed(tmp_path, verbose=False)[-1]
    monkeypatch.setenv("KHOPSO_DATA_DIR", str(tmp_path))
    assert named not in printed(tmp_path, verbose=False)[-1]
