"""Clocks of tests: one that stands still until it is moved, and one that runs in another year."""

import time
from datetime import UTC, datetime, timedelta


class FixedClock:
    """Stands still until it is moved."""

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


class RunningClock:
    """Runs, beginning at an instant: units that have ended by now still work in the year that a test is about."""

    def __init__(self, start: datetime) -> None:
        self._start, self._begun = start.astimezone(UTC), time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._begun)


def late_in_2024() -> RunningClock:
    """A clock of December 2024: detox is labour's, districts have their police, and all rows of tests are past."""
    return RunningClock(datetime(2024, 12, 2, 2, tzinfo=UTC))
