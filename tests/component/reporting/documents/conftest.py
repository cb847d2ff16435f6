"""The service over HTTP on a folded province, with a clock that stands still."""

from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.reporting.app import compose
from tests.component.reporting.documents.world import CALLERS, NOW, province
from tests.support.callers import client_of, known_to
from tests.support.closings import private_pem
from tests.support.reporting import Log, fold, fresh, reporting_settings


@pytest.fixture(scope="module")
async def there(server: PostgresServer) -> AsyncIterator[Platform]:
    """A database of its own with the province in it, for the tests of one file."""
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    await fold(made, province().messages)
    yield known_to(made, CALLERS, NOW)
    await made.close()
    server.drop_database(name)


@pytest.fixture(scope="module")
async def client(there: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(there, compose, timeout=60) as made:
        yield made


@pytest.fixture
async def office(server: PostgresServer) -> AsyncIterator[tuple[Platform, httpx.AsyncClient, Log]]:
    """An office with a key: its platform, its client, and the log that its facts were written in."""
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url, signing_key=private_pem()))
    log = province()
    await fold(made, log.messages)
    there = known_to(made, CALLERS, NOW)
    async with client_of(there, compose, timeout=60) as client:
        yield there, client, log
    await made.close()
    server.drop_database(name)
