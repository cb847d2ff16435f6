"""Reading log epochs: slow is not away. The limit of time is for standing still, every answer begins it anew."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from services.chassis.kafka.log_epochs import LogUnreachableError, LogWatch
from tests.support.platform import settings_for

LIMIT, PAUSE, PARTITIONS = 1.0, 0.2, 12


class SlowReader:
    """Answers one partition after a pause each, and says nothing any more after ``answers`` of them."""

    def __init__(self, answers: int) -> None:
        self.left = answers

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    def assign(self, _: Any) -> None:
        """Nothing to do: it gives what it is asked for."""

    def seek(self, *_: Any) -> None:
        """Every log is at its beginning."""

    def unsubscribe(self) -> None:
        """Nothing goes on between two checks."""

    def highwater(self, _: TopicPartition) -> None:
        return None

    async def getmany(self, at: TopicPartition, **_: Any) -> dict[TopicPartition, list[Any]]:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), PAUSE)
        if self.left == 0:
            return {}
        self.left -= 1
        return {at: [SimpleNamespace(offset=0, value=b"{}", key=None, timestamp=1)]}

    async def stop(self) -> None:
        """It holds no connection."""


class Client:
    """Knows all partitions of the topic."""

    async def fetch_all_metadata(self) -> Any:
        return SimpleNamespace(partitions_for_topic=lambda _: set(range(PARTITIONS)))

    async def close(self) -> None:
        """It holds no connection."""


def watch(answers: int) -> LogWatch:
    settings = settings_for("postgresql://nobody@127.0.0.1:1/none", kafka_request_timeout_seconds=LIMIT)
    made = LogWatch(settings, "test")
    made._parts = (SlowReader(answers), Client())
    return made


async def test_a_slow_broker_that_goes_on_answering_is_waited_for() -> None:
    started = asyncio.get_running_loop().time()
    found = await watch(PARTITIONS).read(("t", number) for number in range(PARTITIONS))
    assert all(found.values())
    assert asyncio.get_running_loop().time() - started > 2 * LIMIT


@pytest.mark.parametrize("answers", [0, 3])
async def test_one_that_stands_still_is_unreachable(answers: int) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(LogUnreachableError):
        await watch(answers).read(("t", number) for number in range(PARTITIONS))
    assert asyncio.get_running_loop().time() - started < answers * PAUSE + 3 * LIMIT
