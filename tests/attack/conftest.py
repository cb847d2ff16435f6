"""The provinces that are attacked, made once, and the readers of a call."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import migrations
from services.reporting.pages import preparing
from tests.attack.twins import Provinces, provinces
from tests.support.reporting import PASSWORD, ROLE, reporting_settings


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> PostgresServer:
    """The server with the migrated database of reporting, of which provinces are copies."""
    settings = reporting_settings(postgres.ensure_service(ROLE, PASSWORD))
    migrations.upgrade(settings, "services.reporting")
    return postgres


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """What pages show of releases is attacked here, not how long they wait for one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preparing, "PATIENCE_SECONDS", 600.0)
        yield


@pytest.fixture(scope="module")
async def there(migrated: PostgresServer) -> AsyncIterator[Provinces]:
    """The province and its twins, of each file its own: releases follow from what was released before them, so a file that asks
    the province alone would leave it with other releases than its twins."""
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
