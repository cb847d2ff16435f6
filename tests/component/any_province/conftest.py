"""A reporting service with an office key, whose callers belong to the province that the pack describes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from reference import province, sample_communes
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import client_of, known_to
from tests.support.closings import private_pem
from tests.support.reporting import PASSWORD, ROLE, fresh, reporting_settings

NOW = datetime(2024, 6, 1, 2, tzinfo=UTC)


@dataclass
class Office:
    """The service and its HTTP application; callers are known by the names ``committee``, ``police`` and ``analyst``."""

    platform: Platform
    client: httpx.AsyncClient


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder: Path = tmp_path_factory.mktemp("reporting")
    with PostgresServer(folder / "pg", settings={"fsync": "off"}) as running:
        settings = reporting_settings(running.ensure_service(ROLE, PASSWORD))
        migrations.upgrade(settings, "services.reporting")
        yield running


@pytest.fixture
async def office(server: PostgresServer) -> AsyncIterator[Office]:
    of, commune = province(), sample_communes()[0]
    callers = {
        "committee": Principal(of.committee_unit, of.code, "official", "a"),
        "police": Principal(f"police:{commune.code}", commune.code, "official", "b"),
        "analyst": Principal(of.committee_unit, of.code, "analyst", "c"),
    }
    name, url = fresh(server)
    made = Platform.of(reporting_settings(url, signing_key=private_pem()))
    there = known_to(made, callers, NOW)
    async with client_of(there, compose) as client:
        yield Office(there, client)
    await made.close()
    server.drop_database(name)
