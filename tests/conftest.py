"""Fixtures of every suite, and the word in capitals when a lane could not run."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.skips import skips

# A shared machine may stop for a moment anywhere: being late is no fault; what hangs meets pytest's time limit.
settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("shared machine")

# Stacks of tests have no pages; a test of pages asks for them.
os.environ.setdefault("KHOPSO_PAGES", "no")

pytest_plugins = ["tests.support.fixtures", "tests.support.time_left"]

_COLLECT_AFTER = 20_000
gc.set_threshold(200_000)  # until all tests are collected: importing and collecting make much and drop little

LANE_SKIPPED = "LANE DID NOT RUN"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let files with slow tests begin, where files are dealt out to workers: at the end one would work and the others wait."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Take what was imported out of the garbage collector's sight: it spent a tenth of a suite's time on looking there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _lanes_not_run(terminal: pytest.TerminalReporter) -> list[str]:
    return sorted(reason for reason in skips(terminal) if LANE_SKIPPED in reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each lane that did not run, where nobody can overlook it."""
    for reason in _lanes_not_run(terminalreporter):
        terminalreporter.write_sep("!", reason, red=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where `KHOPSO_REQUIRE_KAFKA` is set (CI), a lane that did not run is a failure."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("KHOPSO_REQUIRE_KAFKA") or not isinstance(terminal, pytest.TerminalReporter):
        return
    if _lanes_not_run(terminal):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
