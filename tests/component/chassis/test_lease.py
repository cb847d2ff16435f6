"""Leases: lost by who goes silent, however the silence came about; kept by who works or lets itself be heard."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from services.chassis.persistence.lease import Lease
from services.chassis.persistence.session import is_outage
from services.chassis.platform import Platform
from tests.support.wait import eventually

SECONDS = 3.0


@pytest.fixture
async def leases(platform: Platform) -> AsyncIterator[list[Lease]]:
    """Two processes that want the same place."""
    made = [await Lease.on(platform.database, "place", SECONDS, application="test") for _ in range(2)]
    yield made
    for lease in made:
        await lease.close()


def freeze(lease: Lease) -> None:
    """As a stopped process does it: the connection stays open, and nothing is heard any more."""
    assert lease._beating is not None
    lease._beating.cancel()


async def test_one_has_it_and_the_other_waits_as_long_as_the_first_is_heard(leases: list[Lease]) -> None:
    first, second = leases
    assert await first.take()
    # The server's own sleep, so that the first is silent but for its beats.
    for _ in range(5):
        assert not await second.take()
        await second.connection.execute(f"SELECT pg_sleep({SECONDS / 3})".encode())
    await first.assure()
    await first.close()
    await eventually(second.take)


@pytest.mark.parametrize("statement", ["SELECT 1", "BEGIN"], ids=["idle", "in a transaction"])
async def test_who_is_frozen_loses_it_and_learns_so_when_it_wakes_up(
    leases: list[Lease], statement: str
) -> None:
    first, second = leases
    assert await first.take()
    await first.connection.execute(statement.encode())
    freeze(first)
    assert not await second.take(), "not before its time"
    await eventually(second.take, deadline=SECONDS * 4)
    with pytest.raises(psycopg.OperationalError) as lost:
        await first.assure()
    assert is_outage(lost.value)
    await second.assure()


async def test_who_is_frozen_with_an_answer_that_it_does_not_read_loses_it(leases: list[Lease]) -> None:
    first, second = leases
    assert await first.take()
    freeze(first)
    # The server cannot hand all of it over: it waits for the client in mid-answer.
    first.connection.pgconn.send_query(b"SELECT repeat('x', 1000000) FROM generate_series(1, 200)")
    first.connection.pgconn.flush()
    await eventually(second.take, deadline=SECONDS * 5)


async def test_who_works_in_the_database_for_long_keeps_it(leases: list[Lease]) -> None:
    first, second = leases
    assert await first.take()
    freeze(first)
    working = asyncio.create_task(first.connection.execute(f"SELECT pg_sleep({SECONDS * 1.7})".encode()))
    while not working.done():
        assert not await second.take()
        await second.connection.execute(b"SELECT pg_sleep(0.1)")
    await first.assure()
