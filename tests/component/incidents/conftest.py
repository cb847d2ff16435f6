"""The service `incidents` on one database, emptied for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.incidents.app import compose
from tests.support.registers import Service, emptied, running


@pytest.fixture(scope="session")
async def incidents_service(postgres: PostgresServer) -> AsyncIterator[Service]:
    async with running("incidents", compose, postgres.ensure_service("incidents", "secret")) as service:
        yield service


@pytest.fixture
async def incidents(incidents_service: Service) -> Service:
    return await emptied(incidents_service)
