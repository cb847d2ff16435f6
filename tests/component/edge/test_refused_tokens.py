"""Wrong tokens and the audit: its rows are never deleted, so that nobody may fill the disk without a token."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

import httpx

from services.chassis.security import Refusals
from services.chassis.service import http_app
from tests.support.registers import Service


async def test_a_burst_of_wrong_tokens_has_one_row_at_once(services: Mapping[str, Service]) -> None:
    service = services["registry"]
    platform = replace(service.platform, refusals=Refusals(20))
    compose = import_module("services.registry.app").compose
    transport = httpx.ASGITransport(http_app(platform, compose(platform), ["api"]))
    counted = "SELECT count(*) FROM audit WHERE status IN (401, 429)"
    before = (await service.query(counted))[0][0]
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answers = [
            await client.get("/v1/forms", headers={"authorization": "Bearer wrong"}) for _ in range(300)
        ]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 280
    assert (await service.query(counted))[0][0] == before + 1
