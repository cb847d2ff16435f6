"""Locking a session that has a PIN, and opening it again: kept here, so that a page that is only covered is no way in."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from services.chassis.persistence import UnitOfWork
from services.chassis.runtime import Clock, Metrics
from services.chassis.security import FieldCipher
from services.gateway import pins
from services.gateway.sessions import Sessions, hash_of
from services.gateway.tables import SessionRow

Outcome = Literal["open", "wrong", "ended"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a PIN that was typed: ``left`` are the tries that a session still has after a wrong one, ``subject`` is
    whose it is then.
    """

    outcome: Outcome
    left: int = 0
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Locks:
    """The PINs of one gateway's sessions."""

    uow: UnitOfWork
    cipher: FieldCipher
    sessions: Sessions
    metrics: Metrics
    clock: Clock

    async def set_pin(self, session_id: bytes, pin: str | None, old: str) -> Tried:
        """Give a session that goes on its PIN; or, by the ``old`` one that it has, another one or (None) none any more.

        A wrong old one is counted as one that was typed to unlock.
        """
        # Hashed before the row is locked: it takes so long that other requests of the session would have to wait.
        sealed = None if pin is None else await asyncio.to_thread(pins.sealed, pin, self.cipher, session_id)
        async with self.uow() as session:
            row = await session.get(SessionRow, session_id, with_for_update=True)
            if row is None or self.sessions.state(row, self.clock()) != "open":
                return Tried("ended")
            tried = Tried("open") if row.pin is None else await self._tried(row, row.pin, old)
            if tried.outcome == "open":
                row.pin = sealed
        return tried

    async def lock(self, session_id: bytes) -> None:
        """Lock a session that has a PIN, until it is typed; one that has none stays as it is."""
        async with self.uow() as session:
            row = await session.get(SessionRow, session_id, with_for_update=True)
            if row is not None and row.pin is not None:
                row.locked_at = row.locked_at or self.clock()

    async def unlock(self, cookie: str | None, pin: str) -> Tried:
        """Open the session of a cookie's value by its PIN; the fifth wrong one ends it.

        Of tries at once each waits for the one before, and is counted before it is answered.
        """
        if not cookie:
            return Tried("ended")
        async with self.uow() as session:
            row = await session.get(SessionRow, hash_of(cookie), with_for_update=True)
            if row is None:
                return Tried("ended")
            now = self.clock()
            state = self.sessions.state(row, now)
            if state != "locked" or row.pin is None:
                return Tried("open" if state == "open" else "ended")
            tried = await self._tried(row, row.pin, pin)
            if tried.outcome == "open":
                row.locked_at, row.seen_at = None, now
        return tried

    async def _tried(self, row: SessionRow, stored: bytes, pin: str) -> Tried:
        """Count a PIN that was typed, and say whether it is the session's; the last wrong one ends the session."""
        # Whatever was typed counts, and what has not the shape of a PIN costs no hash.
        row.pin_tries += 1
        if pins.is_pin(pin) and await asyncio.to_thread(pins.is_same, pin, stored, self.cipher, row.id):
            row.pin_tries = 0
            return Tried("open")
        if row.pin_tries < pins.TRIES:
            return Tried("wrong", pins.TRIES - row.pin_tries, row.subject)
        row.tokens = row.pin = None
        self.metrics.gateway_sessions.labels("pin_wrong").inc()
        return Tried("ended")
