"""The demonstration's files, built once for all tests of them."""

from pathlib import Path

import pytest

from demo.generate import build
from tests.unit.demo.handed_in import HandedIn, read
from tests.unit.demo.recount import Count


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    return build(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def handed_in(files: list[tuple[str, Path]]) -> HandedIn:
    return read(files)


@pytest.fixture(scope="session")
def count(handed_in: HandedIn) -> Count:
    return Count(handed_in)
