"""The service `treatment` on one database, emptied for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.treatment.app import compose
from tests.support.registers import Service, emptied, running


@pytest.fixture(scope="session")
async def treatment_service(postgres: PostgresServer) -> AsyncIterator[Service]:
    async with running("treatment", compose, postgres.ensure_service("treatment", "secret")) as service:
        yield service


@pytest.fixture
async def treatment(treatment_service: Service) -> Service:
    return await emptied(treatment_service)
