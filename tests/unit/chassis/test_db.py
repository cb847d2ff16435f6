"""The unit of work remembers that the server had no room: a full disk still answers questions."""

import psycopg
import pytest

from services.chassis.db import Database, UnitOfWork


@pytest.mark.parametrize(
    ("error", "room"),
    [
        (psycopg.errors.DiskFull("no space left"), False),
        (psycopg.errors.OutOfMemory("out of memory"), False),
        (psycopg.errors.UniqueViolation("twice"), True),
        (ValueError("a fault of the caller"), True),
    ],
)
async def test_a_refusal_for_want_of_room_is_remembered_for_a_while(error: Exception, room: bool) -> None:
    now = [100.0]
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    work = UnitOfWork(database, monotonic=lambda: now[0])
    assert work.has_room()
    with pytest.raises(type(error)):
        async with work():
            raise error
    assert work.has_room() is room
    now[0] += 60
    assert work.has_room()
    await database.close()
