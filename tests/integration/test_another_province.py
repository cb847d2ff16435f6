"""The suites that hold for any province, run against the invented one: a process reads its pack once, so they have their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITES = (
    "tests/component/any_province",
    "tests/unit/reference",
    "tests/unit/contracts",
    "tests/unit/linkage",
    "tests/unit/registry",
    "tests/unit/matching/test_compare.py",
    "tests/unit/matching/test_reason_texts.py",
    "tests/unit/texts/test_catalogue.py",
    "tests/unit/treatment/test_treatment_domains.py",
)
LEAST = 150
"""Tests that must have run: a suite that collects nothing proves nothing."""


@pytest.mark.slow
def test_what_holds_for_any_province_holds_for_the_invented_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--basetemp={tmp_path / 'run'}",
            *SUITES,
        ],
        cwd=ROOT,
        env=os.environ | {"KHOPSO_PROVINCE": "thu-nghiem", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= LEAST
    assert "skipped" not in done.stdout
