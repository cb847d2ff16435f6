"""The hashing process dies and comes back: nothing is stored without its links, nothing else stops, a batch asks once."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security import HashingClient
from services.chassis.service import ServiceApp
from services.incidents.app import compose
from services.registry.hashing import create_hashing_app
from tests.support.hashing import KEY, hashing_settings
from tests.support.keepers import keeper
from tests.support.register_rows import FULL
from tests.support.registers import Service, running


class Line:
    """The way to the hashing process: counts what passes, and can be cut."""

    def __init__(self) -> None:
        self.cut = False
        self.requests = 0
        self._app = httpx.ASGITransport(app=create_hashing_app(hashing_settings()))

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as the hashing process, or as nobody."""
        if self.cut:
            raise httpx.ConnectError("nobody listens", request=request)
        self.requests += 1
        return await self._app.handle_async_request(request)

    def client(self) -> HashingClient:
        """A client over this line."""
        transport = httpx.MockTransport(self.handle)
        return HashingClient("http://hashing", KEY, client=httpx.AsyncClient(transport=transport))


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def incidents(new_database: Callable[[str], str], line: Line) -> AsyncIterator[Service]:
    def composed(platform: Platform) -> ServiceApp:
        return compose(replace(platform, hashing=line.client()))

    async with running("incidents", composed, new_database("incidents")) as service:
        yield service


def arrests(count: int) -> list[dict[str, Any]]:
    return [{**FULL["arrests"], "national_id": f"03009{number:07}"} for number in range(1, count + 1)]


async def test_while_the_hashing_process_is_away_a_hand_in_is_refused_for_now_and_stores_nothing(
    incidents: Service, line: Line
) -> None:
    # Given one arrest, and a hashing process that has died since
    await incidents.post_rows("arrests", arrests(1))
    told = len(await incidents.events())
    line.cut = True
    rows = arrests(3)
    body = {"rows": [{"row": number, "values": row} for number, row in enumerate(rows, 2)]}
    # When persons are handed in
    headers = incidents.as_(**keeper("arrests", rows))
    refused = await incidents.client.post("/v1/forms/arrests/records", json=body, headers=headers)
    # Then the answer says to come again, and nothing is stored
    assert refused.status_code == 503
    assert refused.json()["rule"] == "hashing_unreachable"
    assert int(refused.headers["retry-after"]) > 0
    assert await incidents.query("SELECT count(*) FROM record") == [(1,)]
    assert len(await incidents.events()) == told
    # And what has no persons goes on, reading too
    assert (await incidents.post_row("fires", FULL["fires"])).status_code == 201
    read = await incidents.client.get("/v1/forms/arrests/records", headers=incidents.office("arrests"))
    assert read.status_code == 200
    # And when it is back, the same request stores what was missing
    line.cut = False
    again = await incidents.client.post("/v1/forms/arrests/records", json=body, headers=headers)
    assert again.status_code == 200
    assert (again.json()["accepted"], again.json()["unchanged"]) == (2, 1)


async def test_a_batch_of_500_persons_asks_the_hashing_process_once(incidents: Service, line: Line) -> None:
    answer = await incidents.post_rows("arrests", arrests(500))
    assert answer["accepted"] == 500
    assert line.requests == 1
