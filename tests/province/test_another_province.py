"""What holds for any province, run against the invented one: a process reads its pack once, so these runs have their own.

Left out are the tests of Hải Dương's own data. They carry the mark ``hai_duong`` and say what of it they need.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.suite import on_all_cores

ROOT = Path(__file__).parents[2]
# The repository's own tools read no pack, and their tests take a third of the time of all others.
SUITES = (
    "tests/component/any_province",
    *sorted(
        str(folder.relative_to(ROOT))
        for folder in (ROOT / "tests/unit").iterdir()
        if folder.is_dir() and folder.name not in ("tools", "__pycache__")
    ),
)
LEAST = 2000
"""Tests that must have run: a suite that collects nothing proves nothing."""


def _pytest(*words: str) -> str:
    """What pytest says of these tests under the invented province."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "not hai_duong",
            *words,
            *SUITES,
        ],
        cwd=ROOT,
        env=os.environ | {"KHOPSO_PROVINCE": "thu-nghiem", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


# Thousands of tests, on a machine that may be slow.
@pytest.mark.timeout(1800)
def test_what_holds_for_any_province_holds_for_the_invented_one(tmp_path: Path) -> None:
    collected = re.search(r"(\d+)/\d+ tests collected \((\d+) deselected\)", _pytest("--collect-only"))
    assert collected is not None
    chosen, left_out = map(int, collected.groups())
    assert chosen >= LEAST
    assert left_out * 10 <= chosen
    told = _pytest(f"--basetemp={tmp_path / 'run'}", *on_all_cores(os.environ))
    # Each of them, and none skipped.
    passed = re.search(r"(\d+) passed", told)
    assert passed is not None
    assert int(passed[1]) == chosen
    assert "skipped" not in told


def test_every_mark_of_a_test_of_hai_duongs_data_says_what_it_needs() -> None:
    marks = [
        text.count("mark.hai_duong") - len(re.findall(r'mark\.hai_duong\("\w', text))
        for text in (path.read_text(encoding="utf-8") for path in (ROOT / "tests/unit").rglob("*.py"))
    ]
    assert sum(marks) == 0
