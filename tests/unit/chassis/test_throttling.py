"""Wrong tokens of one address: 429 from some number on, bounded memory, and few rows of the audit."""

import asyncio
from dataclasses import replace

import httpx
from fastapi import APIRouter

from services.chassis.audit.bursts import Bursts
from services.chassis.http import create_app
from services.chassis.security import Refusals
from tests.support.platform import platform_for
from tests.support.tokens import Issuer
from tests.support.wait import eventually


def test_the_window_slides() -> None:
    refusals = Refusals(3)
    waits = [refusals.note("a", at).wait_seconds for at in (0, 10, 20, 30, 40)]
    assert waits == [0, 0, 0, 30, 30]
    assert refusals.note("a", 69).wait_seconds == 11
    assert refusals.note("a", 200).wait_seconds == 0


def test_only_the_first_of_a_burst_opens_it_and_addresses_are_apart() -> None:
    refusals = Refusals(2)
    assert [refusals.note("a", at).opens_burst for at in (0, 1, 59, 100, 161)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert refusals.note("b", 2).opens_burst


def test_addresses_without_end_take_no_memory_without_end() -> None:
    refusals = Refusals(1, addresses=100)
    for number in range(10_000):
        refusals.note(str(number), number / 1000)
    assert len(refusals) == 100
    assert not refusals.note("9999", 10).opens_burst


async def test_wrong_tokens_get_429_and_valid_ones_of_the_same_address_are_served() -> None:
    router, issuer = APIRouter(), Issuer()

    @router.get("/v1/things")
    async def things() -> list[str]:
        return []

    platform = replace(
        platform_for("postgresql://u:p@127.0.0.1:1/db", refusals_per_minute=60), verifier=issuer.verifier()
    )
    app = create_app(platform, routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        wrong = [
            await client.get("/v1/things", headers={"authorization": "Bearer x.y.z"}) for _ in range(300)
        ]
        good = await client.get("/v1/things", headers={"authorization": f"Bearer {issuer.token()}"})
    assert [answer.status_code for answer in wrong] == [401] * 60 + [429] * 240
    assert wrong[-1].json()["rule"] == "too_many_refusals"
    assert 1 <= int(wrong[-1].headers["retry-after"]) <= 60
    assert good.status_code == 200


async def test_a_burst_is_written_once_with_its_number_also_after_an_outage() -> None:
    written: list[int] = []
    away = [True]

    async def write(count: int) -> None:
        if away.pop() if away else False:
            raise ConnectionError
        written.append(count)

    bursts = Bursts(write, 0.01)
    for _ in range(57):
        bursts.add()
    await eventually(lambda: not away)
    await asyncio.sleep(0)
    bursts.add()
    await eventually(lambda: written)
    assert written == [58]
