"""Why tests were skipped, for those who say so in capitals."""

from collections import Counter

import pytest


def skips(terminal: pytest.TerminalReporter) -> Counter[str]:
    """Return how many tests were skipped for each reason."""
    reports = terminal.stats.get("skipped", [])
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports if report.longrepr)
