"""A database that the examples empty before they use it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from tests.support.reporting import reporting_settings


@pytest.fixture(scope="session")
def property_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder: Path = tmp_path_factory.mktemp("properties")
    with PostgresServer(folder / "pg", settings={"fsync": "off"}) as running:
        yield running


@pytest.fixture(scope="session")
async def shared(property_server: PostgresServer) -> AsyncIterator[Platform]:
    settings = reporting_settings(property_server.ensure_service("reporting", "a-password"))
    migrations.upgrade(settings, "services.reporting")
    made = Platform.of(settings)
    yield made
    await made.close()
