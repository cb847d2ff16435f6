"""The state of a consumer, for other processes to read in the database: what waits for it, and whether it works.

A process that applies records knows the ends of the logs from its fetches. It writes them beside its positions when
somebody asks (`ask`), and without being asked where records wait and its position does not move. In between nothing is
written: an idle consumer costs nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.chassis.kafka.positions import Partition, Position
from services.chassis.persistence import AsyncSession, ConsumerState, PositionRow, UnitOfWork

FAILURES = 3
"""A consumer that has ended by a fault so many times, without a longer run between them, is reported as failing."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a consumer does not go on. ``rule`` names it in the catalogue of messages, ``what`` says more in one word.

    ``consumer_stopped``: by its circuit breaker (``what``: the last reason). ``consumer_failing``: it ends again and
    again by the same kind of fault (its class). ``consumer_standing``: records of a topic wait and none is applied.
    """

    consumer: str
    rule: str
    what: str


async def ask(session: AsyncSession, consumer: str) -> datetime:
    """Ask the processes of a consumer where its logs end now; return the instant of asking.

    Answers stored after this instant belong to this question.
    """
    made = insert(ConsumerState).values(consumer=consumer, asked_at=func.clock_timestamp())
    asking = made.on_conflict_do_update(
        index_elements=["consumer"], set_={"asked_at": func.clock_timestamp()}
    )
    found: datetime = (await session.exec(asking.returning(col(ConsumerState.asked_at)))).scalar_one()
    return found


async def asked(session: AsyncSession, consumer: str) -> datetime | None:
    """Return when somebody asked last."""
    return (
        await session.exec(select(ConsumerState.asked_at).where(ConsumerState.consumer == consumer))
    ).one_or_none()


async def tell(session: AsyncSession, consumer: str, ends: Mapping[Partition, tuple[str, int]]) -> None:
    """Write down where logs end: by partition the log epoch and the offset behind the last record."""
    # Always in the same order, so that two processes cannot deadlock.
    for (topic, partition), (epoch, end) in sorted(ends.items()):
        await session.exec(
            update(PositionRow)
            .where(
                col(PositionRow.consumer) == consumer,
                col(PositionRow.topic) == topic,
                col(PositionRow.partition) == partition,
                col(PositionRow.incarnation) == epoch,
            )
            .values(log_end=end, seen_at=func.clock_timestamp())
        )


async def waiting(
    session: AsyncSession, consumer: str, topics: Collection[str], since: datetime
) -> dict[str, int | None]:
    """Return the topics with records that wait for a consumer, and the number of these records.

    The number is None where no process has stored the end of the log since the instant ``since``: then it is not known.
    """
    unknown = func.bool_or(func.coalesce(col(PositionRow.seen_at) < since, True))
    records = func.sum(func.greatest(col(PositionRow.log_end) - col(PositionRow.next_offset), 0))
    found = await session.exec(
        select(PositionRow.topic, case((unknown, None), else_=records))
        .where(PositionRow.consumer == consumer, col(PositionRow.topic).in_(topics))
        .group_by(col(PositionRow.topic))
        .having(unknown | (records > 0))
        .order_by(col(PositionRow.topic))
    )
    return {topic: None if records is None else int(records) for topic, records in found}


@dataclass(slots=True)
class Reporter:
    """Stores the state of one consumer of this process."""

    uow: UnitOfWork
    consumer: str
    _asked: datetime | None = None
    _answered: datetime | None = None
    _before: dict[Partition, Position] = field(default_factory=dict)

    async def report(self, cursor: Mapping[Partition, Position], lags: Mapping[Partition, int]) -> None:
        """Write down the ends of the logs where it is time to. ``lags``: records behind each position of ``cursor``."""
        async with self.uow() as session:
            asked_at = await asked(session, self.consumer)
            # Answered only at the second look: records fetched by then were fetched after the question.
            answers = asked_at is not None and asked_at == self._asked != self._answered
            still = {at for at, lag in lags.items() if lag and self._before.get(at) == cursor[at]}
            wanted = lags.keys() if answers else still
            if wanted:
                ends = {at: (cursor[at].epoch, cursor[at].next_offset + lags[at]) for at in wanted}
                await tell(session, self.consumer, ends)
        if answers:
            self._answered = asked_at
        self._asked, self._before = asked_at, dict(cursor)


async def note_failure(session: AsyncSession, consumer: str, failure: str) -> None:
    """Count a fault that ended the process that a consumer ran in, by its class."""
    made = insert(ConsumerState).values(consumer=consumer, failures=1, failure=failure)
    again = {"failures": ConsumerState.failures + 1, "failure": failure}
    await session.exec(made.on_conflict_do_update(index_elements=["consumer"], set_=again))


async def note_success(session: AsyncSession, consumer: str) -> None:
    """Forget faults: it has run for a while without one."""
    await session.exec(
        update(ConsumerState)
        .where(col(ConsumerState.consumer) == consumer, col(ConsumerState.failures) > 0)
        .values(failures=0, failure=None)
    )


async def troubles(session: AsyncSession, consumers: Collection[str], still: timedelta) -> list[Trouble]:
    """Return what is wrong with these consumers.

    ``still`` is how long a position may stay the same while records wait.
    """
    found = []
    states = select(ConsumerState).where(col(ConsumerState.consumer).in_(consumers))
    for state in await session.exec(states.order_by(col(ConsumerState.consumer))):
        if state.stopped_at is not None:
            found.append(Trouble(state.consumer, "consumer_stopped", state.reason or ""))
        elif state.failures >= FAILURES:
            found.append(Trouble(state.consumer, "consumer_failing", state.failure or ""))
    standing = (
        select(PositionRow.consumer, PositionRow.topic)
        .where(
            col(PositionRow.consumer).in_(consumers),
            col(PositionRow.log_end) > col(PositionRow.next_offset),
            col(PositionRow.moved_at) < func.now() - still,
        )
        .distinct()
        .order_by(col(PositionRow.consumer), col(PositionRow.topic))
    )
    found += [
        Trouble(consumer, "consumer_standing", topic) for consumer, topic in await session.exec(standing)
    ]
    return found
