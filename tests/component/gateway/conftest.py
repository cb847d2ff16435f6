"""A gateway on real PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.browser import World


@pytest.fixture
async def world(migrated_database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[World]:
    made = World(migrated_database("gateway"), tmp_path / "key.json")
    yield made
    await made.close()
