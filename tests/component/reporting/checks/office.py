"""Officials who mark lines of one check's list over HTTP, and what they see of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.component.reporting.checks.support import on_methadone
from tests.support.callers import bearer, client_of, known_to
from tests.support.clock import FixedClock
from tests.support.reporting import CHI_LINH, NOW, Log, fold

CALLERS = {
    "health": Principal("health:30", "30", "official", "an.health"),
    "district": Principal("health:288", "288", "official", "binh.district"),
    "other district": Principal("health:290", "290", "official", "chi.district"),
    "colleague": Principal("health:30", "30", "official", "dung.health"),
    "clerk": Principal("health:30", "30", "clerk", "clerk"),
    "police": Principal("police:30", "30", "official", "police"),
    "committee": Principal("committee:30", "30", "official", "committee"),
    "analyst": Principal("committee:30", "30", "analyst", "analyst"),
    "admin": Principal("health:30", "30", "admin", "admin"),
    "operator": Principal("committee:30", "30", "operator", "operator"),
}
AS_OF = {"as_of": "2023-12-14"}
PATH = "/v1/checks/methadone.not_listed"
PURPOSE = {"Khopso-Purpose": "reconciliation"}


class Office:
    """The officials of one service, and what they do with one list."""

    def __init__(self, platform: Platform, client: httpx.AsyncClient, clock: FixedClock, log: Log) -> None:
        self.platform, self.client, self.clock, self.log = platform, client, clock, log

    async def lines(self, who: str = "health", path: str = PATH, **asked: str) -> list[dict[str, Any]]:
        answer = await self.client.get(path, params=AS_OF | asked, headers=bearer(who, **PURPOSE))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["findings"]
        return found

    async def mark(self, line: str, mark: str, who: str = "health", **more: Any) -> httpx.Response:
        path, params = more.pop("path", PATH), AS_OF | more.pop("asked", {})
        headers = bearer(who, **more.pop("headers", PURPOSE))
        body = {"line": line, "mark": mark, **more}
        return await self.client.post(f"{path}/marks", params=params, json=body, headers=headers)

    async def marked(self, who: str = "health", **asked: str) -> dict[str, dict[str, Any]]:
        answer = await self.client.get(f"{PATH}/marks", params=AS_OF | asked, headers=bearer(who, **PURPOSE))
        assert answer.status_code == 200, answer.text
        return {line["subject"]: line for line in answer.json()["lines"]}


@asynccontextmanager
async def opened(platform: Platform) -> AsyncIterator[Office]:
    """Patients on no list: An in a commune of district 288, Chi in Chí Linh."""
    log = Log()
    on_methadone(log, "an", date(2023, 3, 1))
    on_methadone(log, "chi", date(2023, 3, 1), commune=CHI_LINH)
    await fold(platform, log.messages)
    clock = FixedClock(NOW)
    async with client_of(known_to(platform, CALLERS, clock), compose) as client:
        yield Office(platform, client, clock, log)
