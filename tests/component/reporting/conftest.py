"""One PostgreSQL for these tests, a fresh reporting database for each."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from deploy.local.postgres import PostgresServer
from services.chassis import migrations
from services.chassis.platform import Platform
from tests.component.reporting.support import reporting_settings

_numbers = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder: Path = tmp_path_factory.mktemp("reporting")
    with PostgresServer(folder / "pg", settings={"fsync": "off"}) as running:
        yield running


@pytest.fixture
async def platform(server: PostgresServer) -> AsyncIterator[Platform]:
    name = f"reporting_{next(_numbers)}"
    settings = reporting_settings(server.ensure_service(name, "a-password"))
    migrations.upgrade(settings, "services.reporting")
    made = Platform.of(settings)
    yield made
    await made.close()
    server.drop_database(name)
