"""The service `treatment` on one database, emptied for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.treatment.app import compose
from tests.support.clock import late_in_2024
from tests.support.registers import Service, emptied, running


@pytest.fixture(scope="session")
async def treatment_service(postgres: PostgresServer) -> AsyncIterator[Service]:
    url = postgres.ensure_service("treatment", "secret")
    async with running("treatment", compose, url, late_in_2024()) as service:
        yield service


@pytest.fixture
async def treatment(treatment_service: Service) -> Service:
    return await emptied(treatment_service)
