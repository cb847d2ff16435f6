"""The provinces that are attacked, made once, and the readers of a call."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from tests.attack.twins import Provinces, provinces
from tests.support.reporting import PASSWORD, ROLE, reporting_settings


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> PostgresServer:
    """The server with the migrated database of reporting, of which provinces are copies."""
    settings = reporting_settings(postgres.ensure_service(ROLE, PASSWORD))
    migrations.upgrade(settings, "services.reporting")
    return postgres


@pytest.fixture(scope="session")
async def there(migrated: PostgresServer) -> AsyncIterator[Provinces]:
    async with provinces(migrated) as made:
        yield made
