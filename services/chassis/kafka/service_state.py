"""The state of a service as its database knows it, whichever process is asked: what waits, who works, what was put aside."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel import col, select

from services.chassis.kafka import standing
from services.chassis.kafka.progress import Currency, Retired, read_currency
from services.chassis.kafka.relay import lease_of
from services.chassis.persistence import (
    AsyncSession,
    ConsumerState,
    DeadLetter,
    Outbox,
    PositionRow,
    is_held,
)

Working = Literal["going_on", "asked", "silent", "stopped", "failing", "standing", "unread"]
"""How a consumer does: ``asked`` a moment ago and no answer yet, ``silent`` for longer than an answer takes, ``unread``:
it has never applied anything. The others are those of `standing.Trouble`."""
_ANSWERS_WITHIN = timedelta(seconds=15)
_LATELY = timedelta(seconds=30)


class OutboxState(BaseModel):
    """What waits to be sent. ``oldest``: since when the oldest event waits. ``relay``: some process sends."""

    unsent: int
    oldest: datetime | None
    relay: bool


class ConsumerWork(BaseModel):
    """How a consumer does. ``behind``: records on the log that it has not applied, as seen at ``seen_at``; None: unknown.

    ``what`` says more of a trouble in one word: the reason of a stop, the class of a fault, a topic.
    """

    consumer: str
    working: Working
    what: str
    behind: int | None
    seen_at: datetime | None


class Waiting(BaseModel):
    """Dead letters that wait for somebody, for one reason."""

    reason: str
    letters: int
    since: datetime


class ServiceState(BaseModel):
    """The state at an instant of the database. ``applied_until``: see `Currency`."""

    at: datetime
    outbox: OutboxState
    consumers: list[ConsumerWork]
    applied_until: datetime | None
    dead_letters: list[Waiting]


async def read_state(
    session: AsyncSession,
    service: str,
    consumers: Collection[str],
    still: timedelta,
    retired: Retired | None = None,
) -> ServiceState:
    """Return the state, and ask the consumers where their logs end, for the next look.

    ``still`` is how long a position may stay the same while records wait.
    """
    currency = await read_currency(session, service, retired)
    return ServiceState(
        at=currency.at,
        outbox=await _outbox(session, service),
        consumers=await _consumers(session, sorted(consumers), still, currency),
        applied_until=currency.applied_until,
        dead_letters=await _letters(session),
    )


async def _outbox(session: AsyncSession, service: str) -> OutboxState:
    unsent, oldest = (
        await session.exec(
            select(func.count(), func.min(Outbox.created_at)).where(col(Outbox.sent_at).is_(None))
        )
    ).one()
    return OutboxState(unsent=unsent, oldest=oldest, relay=await is_held(session, lease_of(service)))


async def _consumers(
    session: AsyncSession, names: Collection[str], still: timedelta, currency: Currency
) -> list[ConsumerWork]:
    # The role itself has a name, too: a fault ends all its consumers together.
    role = f"{currency.service}-consume"
    troubles = {one.consumer: one for one in await standing.troubles(session, [role, *names], still)}
    behind = func.sum(func.greatest(col(PositionRow.log_end) - col(PositionRow.next_offset), 0))
    asked = select(PositionRow.consumer, behind, func.min(PositionRow.seen_at)).where(
        col(PositionRow.consumer).in_(names)
    )
    seen = {
        consumer: (None if records is None else int(records), seen_at)
        for consumer, records, seen_at in await session.exec(asked.group_by(col(PositionRow.consumer)))
    }
    states = select(ConsumerState).where(col(ConsumerState.consumer).in_(names))
    asked_at = {state.consumer: state.asked_at for state in await session.exec(states)}
    found = []
    for name in names:
        records, seen_at = seen.get(name, (None, None))
        trouble = troubles.get(name) or troubles.get(role)
        working: Working = (
            _named(trouble.rule)
            if trouble is not None
            else "unread"
            if name not in seen
            else _answering(seen_at, asked_at.get(name), currency.at)
        )
        what = "" if trouble is None else trouble.what
        found.append(ConsumerWork(consumer=name, working=working, what=what, behind=records, seen_at=seen_at))
    return found


def _named(rule: str) -> Working:
    words: dict[str, Working] = {
        "consumer_stopped": "stopped",
        "consumer_failing": "failing",
        "consumer_standing": "standing",
    }
    return words[rule]


def _answering(seen_at: datetime | None, asked_at: datetime | None, now: datetime) -> Working:
    if seen_at is not None and (seen_at > now - _LATELY or (asked_at is not None and seen_at >= asked_at)):
        return "going_on"
    return "silent" if asked_at is not None and asked_at < now - _ANSWERS_WITHIN else "asked"


async def _letters(session: AsyncSession) -> list[Waiting]:
    waiting = (
        select(DeadLetter.reason, func.count(), func.min(DeadLetter.failed_at))
        .where(DeadLetter.status == "waiting")
        .group_by(col(DeadLetter.reason))
        .order_by(col(DeadLetter.reason))
    )
    return [
        Waiting(reason=reason, letters=letters, since=since)
        for reason, letters, since in await session.exec(waiting)
    ]
