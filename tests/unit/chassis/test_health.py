"""Health: alive while the loops move, ready while everything holds."""

import asyncio

from services.chassis.runtime.health import Health


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_loop_that_stands_still_is_named_until_it_moves_or_retires() -> None:
    time = _Time()
    health = Health(10, time)
    health.beat("relay")
    health.beat("consumer")
    time.now = 9
    health.beat("relay")
    time.now = 12
    assert health.stalled() == {"consumer": 12}
    health.retire("consumer")
    assert health.stalled() == {}


async def test_ready_when_every_check_holds_and_never_while_draining() -> None:
    health = Health()

    async def no() -> bool:
        return False

    async def away() -> bool:
        raise ConnectionError

    async def yes() -> bool:
        return True

    health.ready_when("a", yes)
    assert await health.unready() == []
    health.ready_when("b", no)
    health.ready_when("c", away)
    assert await health.unready() == ["b", "c"]
    health.start_draining()
    assert await health.unready() == ["draining"]


async def test_what_makes_the_work_worse_is_told_and_does_not_end_readiness() -> None:
    health, holds = Health(), [True]

    async def older() -> bool:
        return holds[0]

    health.degraded_when("older", older)
    assert (await health.unready(), await health.degraded()) == ([], ["older"])
    holds[0] = False
    assert await health.degraded() == []


async def test_the_event_loop_beats_until_stopped() -> None:
    health, stop = Health(), asyncio.Event()
    beating = asyncio.create_task(health.beat_until("loop", stop, 0.001))
    await asyncio.sleep(0)
    assert health.stalled() == {}
    stop.set()
    await beating


async def test_readiness_may_be_asked_while_parts_still_add_their_conditions() -> None:
    health = Health()

    async def adds_another() -> bool:
        health.ready_when("late", holds)
        health.degraded_when("late", fails)
        return True

    async def holds() -> bool:
        return True

    async def fails() -> bool:
        return False

    health.ready_when("first", adds_another)
    health.degraded_when("first", adds_another)
    assert await health.unready() == []
    assert await health.degraded() == ["first"]
