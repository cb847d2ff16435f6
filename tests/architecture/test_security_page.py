"""The table of docs/security.md promises nothing that is not there: every test that it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = "docs/security.md"
_ROW = re.compile(r"\| (\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_OTHERWISE = re.compile(r"by deployment|not met: .+")


def faults(page: str) -> list[str]:
    """What is wrong with the table: rows that name neither an existing test nor why there is none."""
    found = []
    for number, _, _, held in _ROW.findall(page):
        named = _TEST.fullmatch(held.strip())
        if named is None:
            if not _OTHERWISE.fullmatch(held.strip()):
                found.append(f"{number}: {held.strip()}")
        elif named[2] not in names_in(ROOT / named[1]):
            found.append(f"{number}: {named[1]} has no {named[2]}")
    return found


def names_in(path: Path) -> set[str]:
    """The names of the tests of a file; none where there is no such file."""
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def test_every_row_names_a_test_that_exists_or_says_why_there_is_none() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(_ROW.findall(page)) > 30, "a row has another form than the others"
    assert faults(page) == []


@pytest.mark.parametrize(
    "held",
    [
        "`tests/unit/chassis/test_auth.py::test_that_nobody_wrote`",
        "`tests/unit/chassis/test_nothing.py::test_x`",
        "surely",
        "not met: ",
    ],
)
def test_a_row_that_promises_what_is_not_there_is_found(held: str) -> None:
    assert faults(f"| 1.1.1 | a | b | {held} |\n") != []
