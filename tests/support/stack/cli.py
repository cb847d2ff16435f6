"""The command line as people use it: a process of its own, told by its environment where the services are."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.state import SERVICES, Stack, write_stack
from khopso.api import Api
from tests.support.stack.harness import ROOT, Province


def khopso(province: Province, *arguments: str | Path, token: str | None = None) -> Any:
    """The JSON answer of ``khopso … --json``. Status 1 (some rows refused) is an answer, too."""
    home = province.layout.data_dir
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "KHOPSO_TOKEN": token or province.token,
        **{f"KHOPSO_{service.upper()}_URL": province.url(service) for service in SERVICES},
    }
    command = [sys.executable, "-c", "from khopso.cli import main; main()", *map(str, arguments), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=home, timeout=200, check=False
    )
    if done.returncode not in (0, 1):
        raise AssertionError(f"khopso {arguments}: status {done.returncode}: {done.stderr[-1500:]}")
    return json.loads(done.stdout)


@contextmanager
def api_of(province: Province, place: Path, timeout_seconds: float = 120.0) -> Iterator[Api]:
    """The command line's own API client, acting as people whom the issuer of the stack knows, whoever is needed."""
    write_stack(place, Stack(issuer_key=str(province.layout.issuer_key)))
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("KHOPSO_TOKEN", raising=False)
        for service in SERVICES:
            patched.setenv(f"KHOPSO_{service.upper()}_URL", province.url(service))
        with Api(place, timeout_seconds=timeout_seconds) as api:
            yield api
