"""Epochs of the linkage secret: under which one a service's events have their keys, and how far a rotation has come.

A hand-in holds the epoch from before its persons are hashed until its commit; a rotation begins only when nobody holds it. So no event under the former secret can come after the rotation has gone through the events.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from services.chassis.persistence import AsyncSession, raw
from services.chassis.runtime import lock_key
from services.chassis.security import HashingRotatesError

NO_ROTATION = "none"
_LOCK = lock_key("linkage epoch")
_READ = "SELECT epoch, step, at_record, at_event FROM linkage_epoch"


@dataclass(frozen=True, slots=True)
class LinkageEpoch:
    """The row of the table `LinkageEpochTable`."""

    epoch: int
    step: str
    at_record: UUID | None
    at_event: int

    @property
    def rotating(self) -> bool:
        """Return whether a rotation has begun and is not finished."""
        return self.step != NO_ROTATION


async def read(session: AsyncSession, *, lock: bool = False) -> LinkageEpoch:
    """Return the row; with ``lock`` nobody else changes it before the transaction ends."""
    connection = await raw(session)
    found = await (await connection.execute((_READ + (" FOR UPDATE" if lock else "")).encode())).fetchone()
    if found is None:
        raise LookupError("no linkage epoch: the database is not migrated")
    return LinkageEpoch(*found)


async def hold(session: AsyncSession) -> None:
    """Keep a rotation from beginning until the transaction ends; HashingRotatesError where one has begun."""
    await (await raw(session)).execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    # A statement of its own, after the lock: a rotation that it had to wait for has committed by now.
    if (await read(session)).rotating:
        raise HashingRotatesError("the linkage secret is being rotated")


async def wait_for_hand_ins(session: AsyncSession) -> None:
    """Wait for all who hold the epoch; whoever comes later waits for this transaction and then finds a rotation."""
    await (await raw(session)).execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


async def write(session: AsyncSession, **values: Any) -> None:
    """Set columns of the row."""
    columns = ", ".join(f"{name} = %s" for name in values)
    connection: psycopg.AsyncConnection[Any] = await raw(session)
    await connection.execute(f"UPDATE linkage_epoch SET {columns}".encode(), list(values.values()))
