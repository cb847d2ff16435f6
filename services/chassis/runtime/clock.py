"""The clock that is passed in, so that no domain code reads the time itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present instant, timezone-aware, UTC."""


def system_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


class FixedClock:
    """A clock for tests and replays: stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware instant")
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Move forward (or back) and return the new instant."""
        self.now += by
        return self.now
