"""The circuit breaker of each consumer: too many dead letters in a row stop it until an operator resumes it.

A few dead letters mean bad messages. A long row of them from one of our own services means a bad deployment, which
would empty the log into the dead letters. The count goes by source, so that what several senders got wrong does not add
up. A consumer of topics that others write to is never stopped for what they wrote (`Consumer`, ``outsiders``).

The state is in the database, so that a restart does not resume a consumer by itself.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, ConsumerState

_SOURCES = 1_000
"""Number of sources that are counted one by one; all further ones are counted together.

Senders choose the names of sources and could fill the memory with new ones.
"""


@dataclass(frozen=True, slots=True)
class State:
    """One consumer's circuit breaker.

    ``consecutive`` counts dead letters of one source with nothing applied between them. ``stopped_at`` and ``reason``
    (that of the last dead letter) are None while the consumer may run.
    """

    consecutive: int = 0
    stopped_at: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class InARow:
    """Counts dead letters since a message was last applied, by the source that sent them.

    ``before`` is the count that an earlier process stored. Of which source is not stored, so it is added to each source's
    count: otherwise a process that ends again and again would never reach the limit.
    """

    before: int = 0
    by_source: dict[str, int] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """Return the count of the source that has most."""
        return max(self.by_source.values(), default=self.before)

    def add(self, source: str) -> int:
        """Count a dead letter of a source; return how many in a row this source has now."""
        name = source if source in self.by_source or len(self.by_source) < _SOURCES else ""
        self.by_source[name] = self.by_source.get(name, self.before) + 1
        return self.by_source[name]

    def end(self) -> None:
        """Set all counts to zero, since a message was applied."""
        self.before = 0
        self.by_source.clear()

    def copy(self) -> Self:
        """Return a copy, which can be counted up without changing this one."""
        return type(self)(self.before, dict(self.by_source))


async def load(session: AsyncSession, consumer: str) -> State:
    """Return the state of a consumer; one without any dead letter so far has the default."""
    found = await session.get(ConsumerState, consumer, populate_existing=True)
    return State() if found is None else State(found.consecutive, found.stopped_at, found.reason)


async def count(session: AsyncSession, consumer: str, consecutive: int) -> None:
    """Store how many dead letters in a row there are now."""
    await _save(session, consumer, consecutive=consecutive)


async def trip(session: AsyncSession, consumer: str, consecutive: int, now: datetime, reason: str) -> None:
    """Stop a consumer: none of its processes applies anything until `resume`."""
    await _save(session, consumer, consecutive=consecutive, stopped_at=now, reason=reason)


async def resume(session: AsyncSession, consumer: str) -> bool:
    """Let a stopped consumer run again and return whether it was stopped."""
    done = await session.exec(
        update(ConsumerState)
        .where(col(ConsumerState.consumer) == consumer, col(ConsumerState.stopped_at).is_not(None))
        .values(consecutive=0, stopped_at=None, reason=None)
    )
    return bool(done.rowcount)


async def states(session: AsyncSession) -> list[dict[str, Any]]:
    """Return the state of every consumer that ever had a dead letter, as the HTTP interface shows it."""
    found = await session.exec(select(ConsumerState).order_by(col(ConsumerState.consumer)))
    return [
        {
            "consumer": row.consumer,
            "consecutive_dead_letters": row.consecutive,
            "stopped_at": row.stopped_at,
            "reason": row.reason,
        }
        for row in found
    ]


async def _save(session: AsyncSession, consumer: str, **state: Any) -> None:
    """Write these columns of a consumer's state and leave the others as they are."""
    # One statement: two processes of a consumer may have their first dead letter at the same time.
    made = insert(ConsumerState).values(consumer=consumer, **state)
    await session.exec(made.on_conflict_do_update(index_elements=["consumer"], set_=state))
