"""Tokens that were revoked before their end, kept in memory so that looking one up costs nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from services.chassis.runtime import get_logger

Load = Callable[[], Awaitable[Collection[str]]]
"""Reads the ids of all revoked tokens that would still hold."""
REREAD_SECONDS = 5.0
log = get_logger(__name__)


class Revocations:
    """Knows the revoked tokens; a look-up reads the list again when it is some seconds old.

    While the database cannot be reached the last list is used: a revoked token stays revoked, and requests that need
    the database get no answer anyway. ``passing`` says whether an error is of this kind or a fault of the program.
    """

    def __init__(
        self,
        load: Load,
        passing: Callable[[Exception], bool],
        *,
        reread_seconds: float = REREAD_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._passing = passing
        self._reread_seconds = reread_seconds
        self._now = monotonic
        self._revoked: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def is_revoked(self, token_id: str) -> bool:
        """Return whether the token of this id (``jti``) was revoked, as the list was some seconds ago at most."""
        if self._now() - self._read_at >= self._reread_seconds:
            async with self._lock:
                if self._now() - self._read_at >= self._reread_seconds:
                    await self._reread()
        return token_id in self._revoked

    async def _reread(self) -> None:
        try:
            self._revoked = frozenset(await self._load())
        except Exception as error:
            if not self._passing(error):
                raise
            log.warning("revoked tokens not reread", error=type(error).__name__)
        # Also after a failure: a database that cannot be reached must not be asked by every request.
        self._read_at = self._now()
