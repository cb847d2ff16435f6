"""The provinces that are attacked, made once, and the readers of a call."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from tests.attack.twins import Provinces, provinces
from tests.support.reporting import PASSWORD, ROLE, reporting_settings


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> PostgresServer:
    """The server with the migrated database of reporting, of which provinces are copies."""
    settings = reporting_settings(postgres.ensure_service(ROLE, PASSWORD))
    migrations.upgrade(settings, "services.reporting")
    return postgres


@pytest.fixture(scope="session")
async def there(migrated: PostgresServer) -> AsyncIterator[Provinces]:
    async with provinces(migrated) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many hidden cells were attacked, and what fell."""
    attacks = [
        dict(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "attack" and report.when == "call"
    ]
    for one in sorted(attacks, key=lambda one: str(one["reader"])):
        terminalreporter.write_line(
            f"differencing as {one['reader']}: {one['tried']} hidden cells tried, {one['recovered']} recovered,"
            f" {one['narrowed']} narrowed to two values"
        )
        for route, known in dict(one["told"]).items():
            terminalreporter.write_line(
                f"  {route}: {known['numbers']} numbers and {known['stars']} stars,"
                f" {known['cells']} cells known by it, {known['alone']} by no other route"
            )
