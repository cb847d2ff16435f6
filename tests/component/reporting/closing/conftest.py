"""A reporting service with an office key, asked over HTTP, on a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.clock import FixedClock
from tests.support.closings import ACCEPTED, private_pem
from tests.support.reporting import NOW, fresh, reporting_settings

OFFICE_KEY = private_pem()
CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "a"),
    "official": Principal("committee:30", "30", "official", "b"),
    "clerk": Principal("committee:30", "30", "clerk", "c"),
    "analyst": Principal("committee:30", "30", "analyst", "d"),
    "police": Principal("police:30", "30", "official", "e"),
    "police of 2025": Principal("police:31", "31", "official", "i"),
    "health": Principal("health:30", "30", "official", "f"),
    "successor": Principal("committee:31", "31", "official", "h"),
    "district": Principal("police:288", "288", "official", "g"),
}


@dataclass
class Office:
    """The service with its platform and clock, and the routes of closings as calls."""

    platform: Platform
    clock: FixedClock
    client: httpx.AsyncClient

    async def post(self, path: str, body: Any = None, *, who: str = "official") -> httpx.Response:
        return await self.client.post(f"/v1/closings{path}", json=body, headers=bearer(who))

    async def get(self, path: str = "", *, who: str = "official", **params: str) -> httpx.Response:
        headers = bearer(who, **{"Khopso-Purpose": "reconciliation"})
        return await self.client.get(f"/v1/closings{path}", params=params, headers=headers)

    async def close(self, *, who: str = "official", **order: Any) -> dict[str, Any]:
        given = {"calendar": "civil", "period": "2023", "figures": "all", "accept_missing": ACCEPTED} | order
        answer = await self.post("", given, who=who)
        assert answer.status_code == 201, answer.text
        return cast(dict[str, Any], answer.json())

    async def revisions(
        self, closing: dict[str, Any], *, who: str = "official", **params: str
    ) -> dict[str, Any]:
        answer = await self.get(f"/{closing['id']}/revisions", who=who, **params)
        assert answer.status_code == 200, answer.text
        return cast(dict[str, Any], answer.json())

    async def replay(self, closing: dict[str, Any]) -> dict[str, Any]:
        answer = await self.get(f"/{closing['id']}/replay")
        assert answer.status_code == 200, answer.text
        return cast(dict[str, Any], answer.json())


@asynccontextmanager
async def opened(server: PostgresServer, **given: Any) -> AsyncIterator[Office]:
    name, url = fresh(server)
    clock = FixedClock(NOW)
    made = Platform.of(reporting_settings(url, **given))
    there = known_to(made, CALLERS, clock)
    async with client_of(there, compose) as client:
        yield Office(there, clock, client)
    await made.close()
    server.drop_database(name)


@pytest.fixture
async def office(server: PostgresServer) -> AsyncIterator[Office]:
    async with opened(server, signing_key=OFFICE_KEY) as made:
        yield made


@pytest.fixture
async def keyless(server: PostgresServer) -> AsyncIterator[Office]:
    async with opened(server) as made:
        yield made
