"""The service `incidents` on a database of each test's own."""

from collections.abc import AsyncIterator, Callable

import pytest

from services.incidents.app import compose
from tests.support.registers import Service, running


@pytest.fixture
async def incidents(new_database: Callable[[str], str]) -> AsyncIterator[Service]:
    async with running("incidents", compose, new_database("incidents")) as service:
        yield service
