"""One stack with the whole demonstration in it, for these tests alone."""

from collections.abc import Iterator

import pytest

from demo.generate import build
from tests.support.stack.cli import khopso
from tests.support.stack.harness import Province


@pytest.fixture(scope="package")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The province of 2023, handed in as files by the command line."""
    files = build(tmp_path_factory.mktemp("files"))
    with Province(tmp_path_factory.mktemp("demo"), "embedded", split=False) as province:
        for form, path in files:
            answer = khopso(province, "import", form, path)
            total = sum(answer[name] for name in ("accepted", "corrected", "unchanged"))
            assert total, f"{path.name}: nothing taken"
        province.settled(240)
        yield province
