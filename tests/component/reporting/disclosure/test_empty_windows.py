"""A window in which nothing is counted costs one release, however often it is asked, and gives way to the first number."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.disclosure.release import Release, decide
from services.reporting.facts import Connection
from services.reporting.figures import Result, Scope
from services.reporting.figures.exact import compute
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, Log, fold, listed

CALLERS = {"analyst": Principal("committee:30", "30", "analyst", "e")}
YEAR = ("arrests.persons", {"from": "2023-01-01", "to": "2023-12-31"})
STOCK = ("registry.users", {"as_of": "2023-12-31", "by": "commune"})


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The windows for which a release was computed and decided, in order."""
    windows: list[str] = []

    def noted(release: Release, *more: Any) -> Release | None:
        windows.append(release.window.name)
        return decide(release, *more)

    monkeypatch.setattr("services.reporting.disclosure.usecases.decide", noted)
    return windows


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The figures that were counted exactly."""
    codes: list[str] = []

    async def noted(connection: Connection, code: str, scope: Scope) -> Result:
        codes.append(code)
        return await compute(connection, code, scope)

    monkeypatch.setattr("services.reporting.disclosure.usecases.compute", noted)
    return codes


async def value(client: httpx.AsyncClient, code: str, asked: dict[str, str]) -> tuple[int, int]:
    """What an analyst is answered, with the number of the edition."""
    answer = await client.get(f"/v1/figures/{code}", params=asked, headers=bearer("analyst"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["value"], found["protection"]["edition"]


@pytest.mark.parametrize(("code", "asked"), [YEAR, STOCK])
async def test_an_empty_window_is_made_once(
    client: httpx.AsyncClient, made: list[str], counted: list[str], code: str, asked: dict[str, str]
) -> None:
    assert await value(client, code, asked) == (0, 0)
    first = len(made)
    assert first >= 1
    assert len(set(made)) == first, "each window once"
    # Whether it is still empty is asked of the totals once, and then it costs what a stored release costs.
    assert await value(client, code, asked) == (0, 0)
    known = len(counted)
    for _ in range(5):
        assert await value(client, code, asked) == (0, 0)
    assert (len(made), len(counted)) == (first, known)


async def test_what_is_folded_elsewhere_makes_it_no_anew_and_the_first_person_in_it_does(
    platform: Platform, client: httpx.AsyncClient, made: list[str]
) -> None:
    assert await value(client, *STOCK) == (0, 0)
    first = len(made)
    log = Log()
    listed(log, "later", "user", date(2024, 2, 1), commune="10513@2008")
    await fold(platform, log.messages)
    assert await value(client, *STOCK) == (0, 0)
    assert len(made) == first
    for number in range(7):
        listed(log, f"then {number}", "user", date(2023, 2, 1), commune="10513@2008")
    await fold(platform, log.messages)
    assert await value(client, *STOCK) == (7, 1)
    assert len(made) == first + 1
    assert await value(client, *STOCK) == (7, 1)
    assert len(made) == first + 1
