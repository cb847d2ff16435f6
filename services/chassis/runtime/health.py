"""Health: alive means that the loops moved, ready means that migrations are done and the parts run."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Check = Callable[[], Awaitable[bool | str]]
"""Tells whether something holds; a text says that it is not as it should be, and why."""


class Health:
    """Heartbeats of this process's loops and its readiness checks.

    ``passing`` tells the errors that waiting may mend: a check that fails with one of them does not hold, any other is
    a fault of the program and is passed on.
    """

    def __init__(
        self,
        limit_seconds: float = 60,
        monotonic: Callable[[], float] = time.monotonic,
        passing: Callable[[Exception], bool] = lambda error: isinstance(error, OSError),
    ) -> None:
        self._limit = limit_seconds
        self._now = monotonic
        self._passing = passing
        self._beats: dict[str, float] = {}
        self._checks: dict[str, Check] = {}
        self._flaws: dict[str, Check] = {}
        self._draining = False

    def beat(self, loop: str) -> None:
        """Note that the loop of that name has just moved; from the first beat on it must go on beating."""
        self._beats[loop] = self._now()

    def retire(self, loop: str) -> None:
        """Note that the loop has ended as intended and sends no more heartbeats."""
        self._beats.pop(loop, None)

    def ready_when(self, name: str, check: Check) -> None:
        """Add a condition of readiness; where its check returns a text, readiness reports it as the reason."""
        self._checks[name] = check

    def degraded_when(self, name: str, check: Check) -> None:
        """Add a condition under which the process works, but less well; it is reported together with readiness.

        Where its check returns a text, the condition holds, and the text is the reason.
        """
        self._flaws[name] = check

    def start_draining(self) -> None:
        """Report "not ready" from now on, since the process is stopping."""
        self._draining = True

    def stalled(self) -> dict[str, float]:
        """Return the loops without a heartbeat within the limit, with the seconds since their last one; empty = alive."""
        now = self._now()
        return {name: now - at for name, at in self._beats.items() if now - at > self._limit}

    async def unready(self) -> list[str]:
        """Return names of the conditions that do not hold; empty = ready. A failing check counts as not holding.

        A reason follows behind the name: ``consumers: reporting-g1 …``.
        """
        if self._draining:
            return ["draining"]
        # A copy: parts of a service that is starting add their conditions while the earlier ones are awaited.
        found = [(name, await self._asked(check)) for name, check in list(self._checks.items())]
        return [_named(name, holds) for name, holds in found if holds is not True]

    async def degraded(self) -> list[str]:
        """Return names of the conditions that hold under which the work is done less well. Asked when ready."""
        found = [(name, await self._asked(check)) for name, check in list(self._flaws.items())]
        return [_named(name, holds) for name, holds in found if holds]

    async def beat_until(self, loop: str, stop: asyncio.Event, every_seconds: float = 1.0) -> None:
        """Send the heartbeat of the event loop itself until ``stop`` is set."""
        while not stop.is_set():
            self.beat(loop)
            try:
                await asyncio.wait_for(stop.wait(), every_seconds)
            except TimeoutError:
                continue
        self.retire(loop)

    async def _asked(self, check: Check) -> bool | str:
        try:
            # A check that hangs must not make the probe hang.
            return await asyncio.wait_for(check(), 5)
        except Exception as error:
            if isinstance(error, TimeoutError) or self._passing(error):
                return False
            raise


def _named(name: str, found: bool | str) -> str:
    return f"{name}: {found}" if isinstance(found, str) else name
