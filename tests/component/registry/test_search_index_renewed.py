"""The search after an upgrade and during a rotation of the field keys: no record is lost to it at any step."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import text

from services.registers import Intake
from services.registers.search_filling import fill_form, filling
from services.registry.app import compose
from services.registry.registers import REGISTERS
from tests.component.registry.conftest import NOW
from tests.support.clock import FixedClock
from tests.support.platform import settings_for
from tests.support.register_rows import IDENTITY
from tests.support.registers import Service, running
from tests.support.wait import eventually

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
UNIT = "police:10513"
PEOPLE = {
    f"HS-{number}": f"Nguyễn Văn {given}" for number, given in enumerate(("An", "Bình", "Cường", "Dũng"))
}
Under = Callable[..., Any]


@pytest.fixture
async def under(new_database: Callable[[str], str]) -> AsyncIterator[Under]:
    """The service on one database, under other field keys each time."""
    url = new_database("registry")
    async with AsyncExitStack() as stack:

        async def start(current: str, **keys: str) -> Service:
            settings = settings_for(
                url, service="registry", field_keys=json.dumps(keys), field_key_current=current
            )
            return await stack.enter_async_context(
                running("registry", compose, url, FixedClock(NOW), settings=settings)
            )

        yield start


async def entered(service: Service) -> None:
    rows = [
        {**IDENTITY, "record_no": number, "full_name": name, "national_id": "", "status": "user"}
        | {"status_from": "10/01/2023"}
        for number, name in PEOPLE.items()
    ]
    assert (await service.post_rows("registry", rows, unit=UNIT))["accepted"] == len(PEOPLE)


async def found(service: Service) -> set[str]:
    """The numbers of those who are found by their names."""
    numbers = set()
    for name in PEOPLE.values():
        answer = await service.client.post(
            "/v1/records/search", json={"name": name}, headers=service.as_("clerk", UNIT)
        )
        assert answer.status_code == 200, answer.text
        numbers |= {record["values"]["record_no"] for record in answer.json()["records"]}
    return numbers


async def rotated(service: Service, limit: int) -> int:
    """How many records one step of the rotation put into the search anew; identities come before."""
    answer = await service.client.post(
        "/v1/keys/fields/rotate", json={"limit": limit}, headers=service.as_("operator")
    )
    step: dict[str, int] = answer.json()
    return step["searched"] if not step["rewritten"] else await rotated(service, limit)


async def test_everybody_is_found_at_each_step_of_a_rotation_and_without_the_former_key_after_it(
    under: Under,
) -> None:
    await entered(await under("2025", **{"2025": OLD}))
    both = await under("2026", **{"2025": OLD, "2026": NEW})
    # When the keys are rotated in steps of three
    steps = [await rotated(both, 3)]
    assert await found(both) == set(PEOPLE)
    shown = await both.client.get("/v1/keys/fields", headers=both.as_("operator"))
    assert shown.json()["searched"] == {"2025": 1, "2026": 3}
    while steps[-1]:
        steps.append(await rotated(both, 3))
    # Then none was left out, and the former key may go
    assert steps == [3, 1, 0]
    alone = await under("2026", **{"2026": NEW})
    assert await found(alone) == set(PEOPLE)


async def test_a_service_puts_records_from_before_into_the_search_and_goes_on_where_it_was(
    under: Under,
) -> None:
    service = await under("2026", **{"2026": NEW})
    await entered(service)
    await _emptied(service)
    intake = Intake.of(service.platform, REGISTERS)
    assert await fill_form(service.platform, intake, "registry", asyncio.Event()) == len(PEOPLE)
    assert await fill_form(service.platform, intake, "registry", asyncio.Event()) == 0
    assert await found(service) == set(PEOPLE)


async def test_the_answer_says_that_records_are_missing_until_all_are_in(under: Under) -> None:
    service = await under("2026", **{"2026": NEW})
    await entered(service)
    await _emptied(service)
    intake = Intake.of(service.platform, REGISTERS)
    assert (await _whole(service)) is False
    stop = asyncio.Event()
    work = asyncio.ensure_future(filling(service.platform, intake)(stop))

    await eventually(lambda: _whole(service))
    stop.set()
    await work
    assert await found(service) == set(PEOPLE)


async def _emptied(service: Service) -> None:
    async with service.platform.uow() as session:
        await session.execute(text("DELETE FROM record_search"))


async def _whole(service: Service) -> bool:
    answer = await service.client.post(
        "/v1/records/search", json={"number": "HS"}, headers=service.as_("clerk", UNIT)
    )
    whole: bool = answer.json()["whole"]
    return whole
