"""What docstrings, comments and pages cite is there; the check finds what is not."""

import pytest

from tools.citations import dead
from tools.files import tracked_texts

PROJECT = {
    "Makefile": "lint:\n\truff check .\n",
    "contracts/data/areas.csv": "code,name\n",
    "services/registers/engine.py": '"""The engine."""\n\nSTATE = "stack.json"\n\n\ndef hand_in(rows, known_at):\n    """Take rows."""\n',
    "services/registers/README.md": "# Registers\n",
    "services/chassis/settings.py": "class Settings:\n    lease_seconds = 5\n",
    "tests/support/wait.py": "def eventually(condition): ...\n",
    "tools/generate.py": "",
    "docs/checks.md": "# Checks\n",
}


def cited(path: str, text: str) -> list[str]:
    """The dead citations of one more file of the project."""
    return [citation.text for citation in dead({**PROJECT, path: text}) if citation.path == path]


@pytest.mark.slow
def test_nothing_is_cited_that_is_not_there() -> None:
    assert [str(citation) for citation in dead(tracked_texts())] == []


@pytest.mark.parametrize(
    "text",
    [
        "See `docs/checking.md`.",
        "See forms.md, section 1.",
        "See [the checks](checking.md).",
        "See `contracts/data/lineage.csv`.",
        "See `cells/`.",
        "See ``materialise``.",
        "See `engine.hand_out`.",
        "See `hand_out()`.",
        "Set `KHOPSO_LEASE_MINUTES`.",
        "Give `--known-until`.",
        "Run `make format`.",
        "Run `python -m tools.generation`.",
        "Run `khopso waltz`.",
    ],
)
def test_a_page_that_cites_what_is_not_there_is_named(text: str) -> None:
    assert len(cited("docs/page.md", text)) == 1


def test_docstrings_and_comments_are_read_as_pages_are() -> None:
    assert cited("services/x.py", '"""See ``materialise``."""\n') == ["materialise"]
    assert cited("services/x.py", 'def f():\n    """Take it.\n\n    See `cells/`."""\n') == ["cells/"]
    assert cited("services/x.py", "X = 1  # see `materialise`\n") == ["materialise"]
    assert cited("services/x.py", 'X = 1\n"""See `materialise`."""\n') == ["materialise"]


def test_a_name_that_only_docstrings_know_is_not_there() -> None:
    both = {
        "services/x.py": '"""See ``materialise``."""\n',
        "services/y.py": '"""As ``materialise`` does."""\n',
    }
    assert len(dead(PROJECT | both)) == 2


def test_code_cites_no_names_of_tests_but_may_cite_their_files() -> None:
    assert cited("services/x.py", '"""See `eventually`."""\n') == ["eventually"]
    assert cited("services/x.py", '"""Held by `tests/support/wait.py`."""\n') == []
    assert cited("tests/unit/test_x.py", '"""See `eventually`."""\n') == []


@pytest.mark.parametrize(
    "text",
    [
        "`docs/checks.md`, `checks.md`, `registers/engine.py`, [checks](checks.md#how), [web](https://example.org/a.md)",
        "`contracts/data/<name>.csv`, `services/`, `stack.json`, `FILE.json`",
        "`hand_in`, `engine.hand_in`, `hand_in(rows)`, `Settings.lease_seconds`, `--known-at`, `asyncio`",
        "`KHOPSO_LEASE_SECONDS`, `make lint`, `python -m tools.generate`, `.venv/bin/python -m pytest tests`",
        "`SELECT 1 FROM nothing`, `a + b ≥ 5`, `19/12/2023`, `1.500`, `police:288`",
        "```\nmake waltz\n`materialise`\n```",
    ],
)
def test_what_is_there_and_what_is_no_citation_passes(text: str) -> None:
    assert cited("docs/page.md", text) == []
