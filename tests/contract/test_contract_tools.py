"""The judges' own installation: locked, without addresses, and plain about what is missing."""

import json
import shutil
from collections.abc import Sequence

import pytest

from tests.support import system_tools
from tests.support.system_tools import TOOLS, require


def test_locked_packages_carry_hashes_and_no_registry_address() -> None:
    packages = json.loads((TOOLS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert {"node_modules/cloudevents", "node_modules/@asyncapi/parser"} <= installed.keys()
    assert [path for path, package in installed.items() if "resolved" in package] == []
    assert [
        path for path, package in installed.items() if not package["integrity"].startswith("sha512-")
    ] == []


def test_missing_tool_is_named_in_one_sentence_where_it_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(
        pytest.fail.Exception, match="promtool is needed: install the Debian package `prometheus`"
    ):
        require("promtool")


def test_missing_tool_is_installed_by_its_package_after_an_update_where_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        commands.append(command)
        return 100 if len(commands) == 1 else 0

    monkeypatch.setattr(system_tools, "_run", run)
    monkeypatch.setattr(
        shutil, "which", lambda tool: None if len(commands) < 3 and tool != "apt-get" else f"/{tool}"
    )
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert require("promtool") == "/promtool"
    assert [command[1] for command in commands] == ["install", "update", "install"]
    assert commands[0][-1] == "prometheus"
