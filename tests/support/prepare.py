"""Fetches what the suites need besides Python packages, once and visibly: ``python -m tests.support.prepare``.

Maven with Apache Kafka's jars and Keycloak, promtool, Node with its locked packages, LibreOffice, Chromium. What cannot be had is named in one
sentence; whether that stops the run is decided by the suites (`KHOPSO_REQUIRE_KAFKA`).
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.kafka.jars import KafkaUnavailableError, resolve_jars, resolve_java
from deploy.kafka.recording import record
from tests.support.keycloak import KeycloakUnavailableError, distribution
from tests.support.system_tools import node_tools, require


def main() -> None:
    """Fetch each part; report what is there and what is not."""
    for tool in ("mvn", "promtool", "node", "npm", "soffice", "pdftoppm", "chromium"):
        _step(tool, partial(require, tool))
    _step("Node packages", node_tools)
    _step("Java", resolve_java)
    _step("Apache Kafka", resolve_jars)
    _step("Start-up cache of Apache Kafka", record)
    _step("Keycloak", distribution)


def _step(name: str, fetch: Callable[[], str | Path | None]) -> None:
    try:
        found = fetch()
    except (pytest.fail.Exception, KafkaUnavailableError, KeycloakUnavailableError) as missing:
        sys.stderr.write(f"==> {name}: NOT AVAILABLE. {missing}\n")
    else:
        sys.stderr.write(f"==> {name}: {found}\n")


if __name__ == "__main__":
    main()
