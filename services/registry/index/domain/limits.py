"""How many people one national ID may join, at each instant of record time."""

from dataclasses import dataclass
from datetime import UTC, datetime

EVER = datetime.min.replace(tzinfo=UTC)
"""Since when a limit holds that was in force before this system's records."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits, each with the instant from which it holds, earliest first; before the first there is none."""

    steps: tuple[tuple[datetime, int], ...]

    def at(self, moment: datetime) -> int | None:
        """Return the limit at the instant."""
        return next((people for since, people in reversed(self.steps) if since <= moment), None)

    @property
    def lowest(self) -> int | None:
        """Return the lowest limit of any time."""
        return min((people for _, people in self.steps), default=None)

    @property
    def begin(self) -> tuple[datetime, ...]:
        """Return the instants at which another limit begins."""
        return tuple(since for since, _ in self.steps if since != EVER)


NO_LIMIT = Limits(())
