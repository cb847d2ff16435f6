"""The service `incidents` on one database, emptied for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.incidents.app import compose
from tests.support.clock import late_in_2024
from tests.support.registers import Service, emptied, running


@pytest.fixture(scope="session")
async def incidents_service(postgres: PostgresServer) -> AsyncIterator[Service]:
    url = postgres.ensure_service("incidents", "secret")
    async with running("incidents", compose, url, late_in_2024()) as service:
        yield service


@pytest.fixture
async def incidents(incidents_service: Service) -> Service:
    return await emptied(incidents_service)
