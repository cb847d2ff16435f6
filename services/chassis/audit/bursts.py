"""Bursts of refused tokens: the first is a row of its own, the rest of a minute one row with their number.

Rows of the audit are never deleted, and anybody can send wrong tokens: with a row for each the disk could be filled
without a token.
"""

import asyncio
from collections.abc import Awaitable, Callable

from services.chassis.persistence import is_outage

Write = Callable[[int], Awaitable[None]]
"""Writes one row for so many refusals."""


class Bursts:
    """Counts what gets no row of its own, and writes the number down when the time is over."""

    def __init__(self, write: Write, seconds: float) -> None:
        self._write = write
        self._seconds = seconds
        self._count = 0
        self._settling: asyncio.Task[None] | None = None

    def add(self) -> None:
        """Count one more."""
        self._count += 1
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle(), name="refused tokens")

    async def _settle(self) -> None:
        await asyncio.sleep(self._seconds)
        # Taken before writing: what is refused while the row is written belongs to the next one.
        count, self._count = self._count, 0
        try:
            await self._write(count)
        except Exception as error:
            if not is_outage(error):
                raise
            self._count += count  # written together with those of the next burst
