"""The service `treatment` on a database of each test's own."""

from collections.abc import AsyncIterator, Callable

import pytest

from services.treatment.app import compose
from tests.support.registers import Service, running


@pytest.fixture
async def treatment(new_database: Callable[[str], str]) -> AsyncIterator[Service]:
    async with running("treatment", compose, new_database("treatment")) as service:
        yield service
