"""One PostgreSQL for these tests; a fresh reporting database for each, copied from a migrated one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from tests.support.reporting import PASSWORD, ROLE, fresh, reporting_settings


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The server, with the migrated database ``reporting`` in it."""
    folder: Path = tmp_path_factory.mktemp("reporting")
    with PostgresServer(folder / "pg", settings={"fsync": "off"}) as running:
        settings = reporting_settings(running.ensure_service(ROLE, PASSWORD))
        migrations.upgrade(settings, "services.reporting")
        yield running


@pytest.fixture
async def platform(server: PostgresServer) -> AsyncIterator[Platform]:
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    yield made
    await made.close()
    server.drop_database(name)


@pytest.fixture(scope="session")
async def empty(server: PostgresServer) -> AsyncIterator[Platform]:
    """A database into which no test writes."""
    _, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    yield made
    await made.close()
