"""One small province, read by many: with everything of 2023 declared, and of 2022 what all units but one declared."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.ledger.expectations import offices
from services.reporting.pages import preparing
from tests.component.reporting.documents.world import CALLERS, CHI_LINH, declare, province
from tests.support.callers import bearer, client_of, known_to
from tests.support.page_tables import Shown, shown
from tests.support.reporting import NOW, Log, fold, fresh, reporting_settings

LAST_UNIT = "police:10513"
PEOPLE = {
    **CALLERS,
    "clerk of a commune": Principal(LAST_UNIT, "10513", "clerk", "f"),
    "operator": Principal("committee:30", "30", "operator", "g"),
    "nobody's": Principal("KHONG-CO", "30", "official", "h"),
}
Look = Callable[..., Awaitable[Shown]]
Folded = Callable[[str], Awaitable[None]]
"""Hands in one fire of a day."""


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """What pages show of releases is asked here, not how long they wait for one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preparing, "PATIENCE_SECONDS", 60.0)
        yield


@pytest.fixture(scope="module")
async def service(
    server: PostgresServer, patient: None
) -> AsyncIterator[tuple[httpx.AsyncClient, Platform, Log]]:
    """The service of the province, in the middle of 2024, with its database and what it knows."""
    _, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    log = province(former_declared=False)
    units = [code for code in offices(date(2022, 12, 31)) if code.startswith("police:") and code != LAST_UNIT]
    declare(log, 2022, units=units)
    await fold(made, log.messages)
    async with client_of(known_to(made, PEOPLE, NOW), compose, timeout=60) as there:
        yield there, made, log
    await made.close()


@pytest.fixture
def client(service: tuple[httpx.AsyncClient, Platform, Log]) -> httpx.AsyncClient:
    return service[0]


@pytest.fixture
def folded(service: tuple[httpx.AsyncClient, Platform, Log]) -> Folded:
    """What arrives while pages are read."""
    _, made, log = service

    async def arrive(day: str) -> None:
        on = date.fromisoformat(day)
        at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
        fire = log.write(
            "fires",
            f"fire {day}",
            commune=CHI_LINH,
            occurred=on,
            alarm_at=at,
            place="dwelling",
            cause="electrical",
        )
        await fold(made, [fire])

    return arrive


@pytest.fixture
async def unfilled(server: PostgresServer) -> AsyncIterator[Platform]:
    """The service without any event, for pages that show none."""
    _, url = fresh(server)
    made = Platform.of(reporting_settings(url))
    yield made
    await made.close()


@pytest.fixture
def look(client: httpx.AsyncClient) -> Look:
    """What somebody sees of a page."""

    async def seen(path: str, who: str = "committee", language: str = "vi", **given: str) -> Shown:
        headers = bearer(who, Accept="text/html", **{"Accept-Language": language})
        answer = await client.get(path, params=given, headers=headers)
        assert answer.status_code == 200, answer.text
        return shown(answer.text)

    return seen
