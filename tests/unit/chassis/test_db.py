"""The unit of work remembers that the server had no room: a full disk still answers questions."""

import psycopg
import pytest

from services.chassis.persistence.session import Database, UnitOfWork, is_outage


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


def test_a_transaction_that_the_server_ended_for_idling_is_an_outage_and_no_fault_of_the_program() -> None:
    assert is_outage(psycopg.errors.IdleInTransactionSessionTimeout("terminating connection"))
    assert not is_outage(psycopg.errors.InvalidTransactionState("no transaction"))
