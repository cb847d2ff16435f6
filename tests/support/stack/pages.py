"""A stack with pages, as its user starts it: one command, one address."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import bring_down, read_stack

_COMMAND_SECONDS = 220


def khopso(*arguments: str) -> Any:
    """One command as a program of its own; its document."""
    command = [sys.executable, "-m", "khopso", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def stack_with_pages() -> Iterator[Path]:
    """The data directory of a running stack, which goes when the block ends."""
    # Not under pytest's own directory: its path is too long for a socket, and it is closed to PostgreSQL's user.
    folder = Path(tempfile.mkdtemp(prefix="khopso-pages-"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KHOPSO_PAGES", "yes")
        khopso("up", "--broker", "embedded", "--data-dir", str(folder))
    try:
        yield folder
    finally:
        bring_down(folder)
        shutil.rmtree(folder, ignore_errors=True)


def address_of(data_dir: Path) -> str:
    """The address of the pages."""
    address = read_stack(data_dir).pages_url
    assert address is not None
    return address
