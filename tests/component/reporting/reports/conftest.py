"""The service over HTTP on a folded province, with a clock that stands still."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import httpx
import pytest

from deploy.local.postgres import PostgresServer
from services.chassis.auth import TokenVerifier
from services.chassis.clock import FixedClock
from services.chassis.platform import Platform
from services.chassis.runtime import http_app
from services.reporting.app import compose
from tests.component.reporting.reports.world import NOW, Verifier, province
from tests.component.reporting.support import fold, fresh, reporting_settings


@pytest.fixture(scope="module")
async def there(server: PostgresServer) -> AsyncIterator[Platform]:
    """A database of its own with the province in it, for the tests of one file."""
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    await fold(made, province().messages)
    yield replace(made, verifier=cast(TokenVerifier, Verifier()), clock=FixedClock(NOW))
    await made.close()
    server.drop_database(name)


@pytest.fixture(scope="module")
async def client(there: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(http_app(there, compose(there), ["api"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting", timeout=60) as made:
        yield made
