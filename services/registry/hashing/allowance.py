"""How many hashes a caller gets: an oracle that answers everything would be as good as the secret."""

from collections.abc import Callable

_DAY_SECONDS = 86_400.0


class Allowance:
    """A number of hashes a day for each caller, refilled steadily; unused ones are kept up to one day's number.

    It is kept in memory: a restart fills it up again.
    """

    def __init__(self, daily: int, now: Callable[[], float]) -> None:
        self._daily = float(daily)
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str, hashes: int) -> bool:
        """Return whether the caller gets so many hashes now; if not, none is counted."""
        now = self._now()
        left, then = self._left.get(caller, (self._daily, now))
        # Refilled second by second: with a reset at midnight two days' numbers could be had within a minute.
        left = min(self._daily, left + (now - then) * self._daily / _DAY_SECONDS)
        granted = hashes <= left
        self._left[caller] = (left - hashes if granted else left, now)
        return granted
