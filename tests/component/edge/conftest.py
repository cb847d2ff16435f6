"""All four services, each on a database of its own that the tests of this folder share."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from importlib import import_module

import pytest

from contracts.topics import SERVICES
from deploy.embedded.postgres import PostgresServer
from tests.support.closings import private_pem
from tests.support.registers import Service, running
from tests.support.reporting import reporting_settings


@pytest.fixture(scope="session")
async def services(postgres: PostgresServer) -> AsyncIterator[Mapping[str, Service]]:
    """The services by name."""
    async with AsyncExitStack() as stack:
        started: dict[str, Service] = {}
        for name in SERVICES:
            compose = import_module(f"services.{name}.app").compose
            url = postgres.ensure_service(f"{name}_edge", "secret")
            # Reporting with the key that it signs closings with; without one some routes are away (503).
            settings = reporting_settings(url, signing_key=private_pem()) if name == "reporting" else None
            started[name] = await stack.enter_async_context(running(name, compose, url, settings=settings))
        yield started


@pytest.fixture(params=SERVICES)
def service(services: Mapping[str, Service], request: pytest.FixtureRequest) -> Service:
    """One of the four."""
    return services[str(request.param)]
