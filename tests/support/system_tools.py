"""System tools that some tests need: found, installed through apt where the user may, or named in one sentence."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

PACKAGES = {
    "node": "nodejs",
    "npm": "npm",
    "promtool": "prometheus",
    "mvn": "maven",
    "soffice": "libreoffice-calc-nogui libreoffice-writer-nogui",
    "pdftoppm": "poppler-utils",
    "chromium": "chromium",
}
TOOLS = Path(__file__).parents[1] / "tools"
_INSTALL_SECONDS = 600

Run = Callable[[Sequence[str]], int]


def require(tool: str) -> str:
    """The path of a system tool, installed by apt-get first where it is missing and the user is root.

    Fails the test with one sentence that names the Debian package otherwise.
    """
    found = shutil.which(tool)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        with _lock("apt"):
            found = shutil.which(tool) or _installed(tool, _run)
    if found is None:
        pytest.fail(f"{tool} is needed: install the Debian package `{PACKAGES[tool]}`.", pytrace=False)
    return found


def node_tools() -> Path:
    """The folder of node scripts, with its locked packages installed; done again only when the lock changes."""
    require("node")
    npm = require("npm")
    modules = TOOLS / "node_modules"
    stamp = modules / ".khopso-lock"
    wanted = hashlib.sha256((TOOLS / "package-lock.json").read_bytes()).hexdigest()
    with _lock("npm"):
        if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
            subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=TOOLS,
                check=True,
                timeout=_INSTALL_SECONDS,
                stdin=subprocess.DEVNULL,
            )
            stamp.write_text(wanted, encoding="ascii")
    return TOOLS


def node(script: str, stdin: str) -> str:
    """What a script of ``tests/tools`` answers to a text on its standard input."""
    done = subprocess.run(
        [require("node"), str(node_tools() / script)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=TOOLS,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def _installed(tool: str, run: Run) -> str | None:
    package = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES[tool].split()]
    if run(package) != 0 and run(["apt-get", "update"]) == 0:
        run(package)
    return shutil.which(tool)


def _run(command: Sequence[str]) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, env=environment, capture_output=True, check=False, timeout=_INSTALL_SECONDS
    ).returncode


class _lock:  # noqa: N801  used as a verb
    """One installation at a time, across test processes."""

    def __init__(self, what: str) -> None:
        self._path = Path(tempfile.gettempdir()) / f"khopso-tests-{os.geteuid()}-{what}.lock"

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
