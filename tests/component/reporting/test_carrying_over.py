"""What a former generation alone has, as no log holds it any more, is taken over by a rebuild."""

import asyncio
from collections.abc import Iterator
from datetime import date
from itertools import chain, repeat
from typing import Any, cast

import pytest

from services.chassis.kafka import Consumer
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.facts import carrying_over, generations
from services.reporting.facts.projector import Projector, _Running
from services.reporting.figures.aggregates.maintainer import fill_cells
from tests.component.reporting.streaming import scalar
from tests.support.reporting import NOW, Log, fold, listed, value


async def second(platform: Platform) -> None:
    """An empty second generation."""
    async with platform.uow() as session:
        assert await generations.ask(session, NOW, "test") == 2
        await generations.begin(session, 2, NOW)


async def lacks(platform: Platform) -> bool:
    async with platform.uow() as session:
        return await generations.lacks(await raw(session), 1, 2, ())


@pytest.mark.parametrize("refilled", [0, 3, 9], ids=["nothing", "a part", "everything"])
async def test_a_generation_takes_over_what_its_logs_do_not_bring(
    platform: Platform, refilled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_over, "BATCH", 2)
    log = Log()
    for name in ("an", "binh", "chi"):
        listed(log, name, "user", date(2023, 2, 1))
    listed(log, "an", "addict", date(2023, 3, 1), presence="community")
    for name in ("binh", "chi", "chi"):
        log.link(name, "one", known=date(2023, 3, 1))
    await fold(platform, log.messages)
    await second(platform)
    await fold(platform, log.messages[:refilled], generation=2)
    assert await lacks(platform) == (refilled < len(log.messages))
    carried = 0
    while await lacks(platform):
        async with platform.uow() as session:
            step = await carrying_over.carry_over(await raw(session), 1, 2, ())
        assert step > 0
        carried += step
    assert carried == max(0, len(log.messages) - refilled)
    # The log brings it after all: nothing changes.
    before = await scalar(platform, "SELECT changes FROM g2.watermark")
    await fold(platform, log.messages, generation=2)
    assert await scalar(platform, "SELECT changes FROM g2.watermark") == before
    async with platform.uow() as session:
        await generations.switch(session, 1, 2, NOW)
    assert await value(platform, "registry.users", as_of="2023-12-31") == 1
    for table in ("version", "link", "person", "spell", "presence"):
        rows = "SELECT array_agg(row_text ORDER BY row_text) FROM (SELECT t::text AS row_text FROM {}.{} t) r"
        assert await scalar(platform, rows.format("g2", table)) == await scalar(
            platform, rows.format("g1", table)
        )


async def test_only_what_can_never_be_carried_over_ends_a_rebuild(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New facts come into the live generation between two attempts: then something lacks as well, but not for ever."""
    answers: Iterator[bool] = chain(repeat(True, 39), [False], repeat(True))

    async def lacking(*_: Any) -> bool:
        return next(answers)

    await second(platform)
    monkeypatch.setattr(generations, "lacks", lacking)
    projector = Projector(platform, fill_cells)
    stop = asyncio.Event()
    new = _Running(2, cast(Consumer, None), stop, asyncio.create_task(cast(Any, stop.wait())))
    for _ in range(79):
        await projector._carry_over(1, new)
    state = "SELECT state || coalesce(': ' || error, '') FROM generation WHERE number = 2"
    assert await scalar(platform, state) == "building"
    await projector._carry_over(1, new)
    assert await scalar(platform, state) == "failed: events that no log has cannot be carried over"
