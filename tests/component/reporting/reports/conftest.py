"""The service over HTTP on a folded province, with a clock that stands still."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.postgres import PostgresServer
from services.chassis.auth import TokenVerifier
from services.chassis.clock import FixedClock
from services.chassis.platform import Platform
from services.chassis.runtime import http_app
from services.reporting.app import compose
from tests.component.reporting.reports.world import NOW, Verifier, province
from tests.component.reporting.support import Log, fold, fresh, reporting_settings

KEY = (
    Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


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


@pytest.fixture
async def office(server: PostgresServer) -> AsyncIterator[tuple[Platform, httpx.AsyncClient, Log]]:
    """An office with a key: its platform, its client, and the log that its facts were written in."""
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url, signing_key=KEY))
    log = province()
    await fold(made, log.messages)
    there = replace(made, verifier=cast(TokenVerifier, Verifier()), clock=FixedClock(NOW))
    transport = httpx.ASGITransport(http_app(there, compose(there), ["api"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting", timeout=60) as client:
        yield there, client, log
    await made.close()
    server.drop_database(name)
