"""Parts of the chassis on a real database."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.platform import Platform
from tests.support.platform import platform_for


@pytest.fixture
async def platform(database_url: str) -> AsyncIterator[Platform]:
    """A platform on a migrated database, without a broker."""
    made = platform_for(database_url)
    yield made
    await made.close()
