"""The state of a service, from its database alone: the relay by its lease, consumers by what they wrote and when."""

from datetime import timedelta

from sqlalchemy import text

from services.chassis.kafka import ServiceState, read_state
from services.chassis.kafka.relay import lease_of
from services.chassis.persistence.lease import Lease
from services.chassis.platform import Platform

NAMES = ("answers", "asked", "silent", "stopped", "standing", "unread")
_POSITIONS = """
INSERT INTO position (consumer, topic, partition, incarnation, next_offset, log_end, seen_at, moved_at) VALUES
    ('answers', 't', 0, 'log-1', 5, 9, now(), now()),
    ('asked', 't', 0, 'log-1', 5, 5, now() - interval '1 hour', now()),
    ('silent', 't', 0, 'log-1', 5, 5, now() - interval '1 hour', now()),
    ('standing', 't', 0, 'log-1', 5, 8, now(), now() - interval '1 hour');
"""
_STATES = """
INSERT INTO consumer_state (consumer, asked_at, stopped_at, reason) VALUES
    ('silent', now() - interval '1 minute', NULL, NULL),
    ('stopped', NULL, now(), 'unknown-type');
"""


async def state(platform: Platform) -> ServiceState:
    """The state now, where a position may stand still for a minute."""
    async with platform.uow() as session:
        return await read_state(session, "sample", NAMES, timedelta(minutes=1))


async def test_each_consumer_is_told_by_what_it_last_wrote(platform: Platform) -> None:
    async with platform.uow() as session:
        for statement in (_POSITIONS, _STATES):
            await session.execute(text(statement))
    found = {
        work.consumer: (work.working, work.behind, work.what) for work in (await state(platform)).consumers
    }
    assert found == {
        "answers": ("going_on", 4, ""),
        "asked": ("asked", 0, ""),
        "silent": ("silent", 0, ""),
        "stopped": ("stopped", None, "unknown-type"),
        "standing": ("standing", 3, "t"),
        "unread": ("unread", None, ""),
    }


async def test_a_relay_is_there_while_some_process_holds_its_lease(platform: Platform) -> None:
    assert not (await state(platform)).outbox.relay
    lease = await Lease.on(platform.database, lease_of("sample"), 10, application="relay")
    assert await lease.take()
    assert (await state(platform)).outbox.relay
    # The relay of another service is not this one's.
    async with platform.uow() as session:
        assert not (await read_state(session, "other", (), timedelta(minutes=1))).outbox.relay
    await lease.close()
    assert not (await state(platform)).outbox.relay
