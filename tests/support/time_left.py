"""Tests of whole stacks that are not begun any more, because the machine that runs CI ends a run at a fixed time.

`KHOPSO_UNTIL` (seconds of the epoch) is set by ``.ci/run`` alone, long after a usual run has ended. A run that is cut off says
nothing of what it has found; one that names what it has not tried, in capitals and once more at the end, says the rest.
"""

import os
import time
from pathlib import Path

import pytest

from tests.support.skips import skips

NOT_BEGUN = "NO TIME WAS LEFT"
NOTE = Path("build/not-begun.txt")
_STACKS = ("tests/failure/", "tests/integration/", "tests/delivery/", "tests/upgrade/", "tests/browser/")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test of a whole stack after the time is over."""
    until = os.environ.get("KHOPSO_UNTIL")
    if until and item.nodeid.startswith(_STACKS) and time.time() > float(until):
        note = item.config.rootpath / NOTE
        note.parent.mkdir(exist_ok=True)
        with note.open("a", encoding="utf-8") as lines:
            lines.write(f"NOT BEGUN: {item.nodeid}\n")
        pytest.skip(NOT_BEGUN)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in capitals how many were left out."""
    left = skips(terminalreporter)[NOT_BEGUN]
    if left:
        terminalreporter.write_sep("!", f"{NOT_BEGUN}: {left} tests were not begun", red=True, bold=True)
