"""The service `registry` on a database of each test's own, its clock standing still."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from services.chassis.platform import Platform
from services.registry.app import compose
from tests.support.clock import FixedClock
from tests.support.registers import Service, running

NOW = datetime(2023, 12, 20, 3, tzinfo=UTC)


@pytest.fixture
async def registry(migrated_database: Callable[[str], str]) -> AsyncIterator[Service]:
    url = migrated_database("registry")
    async with running("registry", compose, url, FixedClock(NOW), migrated=True) as service:
        yield service


@pytest.fixture
def platform(registry: Service) -> Platform:
    return registry.platform
