"""Fetches what the suites need besides Python packages, once and visibly: ``python -m tests.support.prepare``.

Maven with Apache Kafka's jars, promtool, Node with its locked packages. What cannot be had is named in one
sentence; whether that stops the run is decided by the suites (`KHOPSO_REQUIRE_KAFKA`).
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from tests.support.system_tools import node_tools, require


def main() -> None:
    """Fetch each part; report what is there and what is not."""
    for tool in ("mvn", "promtool", "node", "npm", "soffice", "pdftoppm"):
        _step(tool, partial(require, tool))
    _step("Node packages", node_tools)
    _step("Java", resolve_java)
    _step("Apache Kafka", resolve_jars)


def _step(name: str, fetch: Callable[[], str | Path]) -> None:
    try:
        found = fetch()
    except (pytest.fail.Exception, KafkaUnavailableError) as missing:
        sys.stderr.write(f"==> {name}: NOT AVAILABLE. {missing}\n")
    else:
        sys.stderr.write(f"==> {name}: {found}\n")


if __name__ == "__main__":
    main()
