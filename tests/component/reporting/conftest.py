"""One PostgreSQL for these tests; a fresh reporting database for each, copied from a migrated one."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from deploy.local.postgres import PostgresServer
from services.chassis import migrations
from services.chassis.platform import Platform
from tests.component.reporting.support import reporting_settings

ROLE, PASSWORD = "reporting", "a-password"
_numbers = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The server, with the migrated database ``reporting`` in it."""
    folder: Path = tmp_path_factory.mktemp("reporting")
    with PostgresServer(folder / "pg", settings={"fsync": "off"}) as running:
        settings = reporting_settings(running.ensure_service(ROLE, PASSWORD))
        migrations.upgrade(settings, "services.reporting")
        yield running


def fresh(server: PostgresServer) -> tuple[str, str]:
    """Name and address of a new copy of the migrated database."""
    name = f"reporting_{next(_numbers)}"
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                *(sql.Identifier(part) for part in (name, ROLE, ROLE))
            )
        )
    return name, server.service_url(ROLE, PASSWORD, name)


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
