"""The clock that is passed in, so that no domain code reads the time itself."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, timezone-aware, UTC."""


def system_clock() -> datetime:
    """Return the machine's time, UTC."""
    return datetime.now(UTC)
