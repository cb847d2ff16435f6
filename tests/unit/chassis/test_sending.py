"""Sending: with any producer, no row is on the log before an earlier one of its partition."""

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kafka.sending import Row, partition_of, send_partition

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PER_BATCH = 3


class _Batch:
    def __init__(self) -> None:
        self.rows: list[bytes] = []

    def append(self, *, timestamp: int, key: bytes, value: bytes, headers: Any) -> object:
        if len(self.rows) == _PER_BATCH:
            return None
        self.rows.append(value)
        return object()

    def close(self) -> None:
        """Nothing to close."""


class _Flaky:
    """A producer without idempotence: a batch may fail with or without having reached the log."""

    def __init__(self, script: list[str]) -> None:
        self.script = deque(script)
        self.log: list[bytes] = []

    def create_batch(self) -> _Batch:
        return _Batch()

    async def send_batch(self, batch: _Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        fate = self.script.popleft() if self.script else "ok"
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if fate in ("ok", "lost reply"):
            base = len(self.log)
            self.log += batch.rows
        if fate == "ok":
            answer.set_result(type("Metadata", (), {"offset": base})())
        elif fate == "silent":
            return answer
        else:
            answer.set_exception(KafkaTimeoutError())
        return answer


def rows(count: int) -> list[Row]:
    return [Row(n, "t", b"k", b"%d" % n, [], _NOW) for n in range(count)]


@given(st.integers(1, 15), st.lists(st.sampled_from(["ok", "lost", "lost reply", "silent"]), max_size=8))
def test_first_occurrences_are_in_order_and_nothing_is_missing(count: int, script: list[str]) -> None:
    producer = _Flaky(script)

    async def until_done() -> None:
        left = rows(count)
        while left:
            result = await send_partition(producer, ("t", 0), left, 0.001, _nobody_objects)
            for one in result.sent:
                assert producer.log[one.offset] == one.row.value
            left = left[len(result.sent) :]

    asyncio.run(until_done())
    assert list(dict.fromkeys(producer.log)) == [row.value for row in rows(count)]


async def _nobody_objects() -> None:
    """The lease is ours."""


class _TurnByTurn(_Flaky):
    """One of two producers on the same log; each batch waits for its turn."""

    def __init__(self, log: list[bytes], turns: asyncio.Semaphore) -> None:
        super().__init__([])
        self.log = log
        self.turns = turns

    async def send_batch(self, batch: _Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        await self.turns.acquire()
        return await super().send_batch(batch, topic, partition=partition)


@given(st.integers(1, 15), st.lists(st.booleans(), max_size=20))
def test_a_frozen_relay_that_wakes_up_beside_its_heir_leaves_first_occurrences_in_order(
    count: int, turns: list[bool]
) -> None:
    """Nothing that the frozen one sent is marked, so the heir begins where it began; who is next does not matter."""
    log: list[bytes] = []

    async def both() -> None:
        waiting = (asyncio.Semaphore(0), asyncio.Semaphore(0))
        relays = [
            asyncio.create_task(
                send_partition(_TurnByTurn(log, each), ("t", 0), rows(count), 5, _nobody_objects)
            )
            for each in waiting
        ]
        for heir in turns:
            waiting[heir].release()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        for each in waiting:
            for _ in range(count):
                each.release()
        await asyncio.gather(*relays)

    asyncio.run(both())
    assert list(dict.fromkeys(log)) == [row.value for row in rows(count)]


async def test_nothing_more_is_sent_once_the_lease_is_another_s() -> None:
    producer, left = _Flaky([]), [True, False]

    async def lost_after_one() -> None:
        if not left.pop(0):
            raise psycopg.OperationalError("the session was ended")

    with pytest.raises(psycopg.OperationalError):
        await send_partition(producer, ("t", 0), rows(10), 1, lost_after_one)
    assert 0 < len(producer.log) < 10


@given(st.binary(max_size=30), st.integers(1, 50))
def test_keys_go_where_every_kafka_client_sends_them(key: bytes, partitions: int) -> None:
    numbers = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, numbers, numbers)


def test_without_a_key_the_first_partition() -> None:
    assert partition_of(None, 7) == 0
