"""A command line that talks to fake services, without a stack and without the user's own directories."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from khopso.cli import run
from tests.unit.khopso.fake_services import FakeServices, serving

SERVICES = ("REGISTRY", "TREATMENT", "INCIDENTS", "REPORTING")


@dataclass(frozen=True)
class Ran:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Khopso = Callable[..., Ran]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServices]:
    with serving(FakeServices()) as services:
        for name in SERVICES:
            monkeypatch.setenv(f"KHOPSO_{name}_URL", services.url)
        monkeypatch.setenv("KHOPSO_TOKEN", "given-token")
        yield services


@pytest.fixture
def khopso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Khopso:
    monkeypatch.setenv("KHOPSO_DATA_DIR", str(tmp_path / "data"))

    def call(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(int(code), printed.out, printed.err)

    return call
