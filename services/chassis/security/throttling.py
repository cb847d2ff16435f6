"""How many tokens of one address were refused lately: a sliding window with bounded memory.

Whoever sends wrong tokens gets 429 from some number on. Valid tokens of the same address are still accepted: a whole
office may share one address, and a guessed token is as unlikely at the thousandth attempt as at the first.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused token: whether it opens a burst, and how long to wait where there were too many (0: not yet)."""

    opens_burst: bool
    wait_seconds: int


class Refusals:
    """Refused tokens of the last minute by address; the addresses seen longest ago are forgotten first."""

    def __init__(self, limit: int, addresses: int = _ADDRESSES) -> None:
        self._limit = limit
        self._addresses = addresses
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._seen)

    def note(self, address: str, now: float) -> Refusal:
        """Count a refusal at the moment ``now`` (seconds of a clock that only goes forward)."""
        # One more than the limit says that there were too many, so nobody can make it remember more.
        times = self._seen.pop(address, None) or deque(maxlen=self._limit + 1)
        while times and now - times[0] >= WINDOW_SECONDS:
            times.popleft()
        opens_burst = not times
        times.append(now)
        self._seen[address] = times
        if len(self._seen) > self._addresses:
            self._seen.popitem(last=False)
        if len(times) <= self._limit:
            return Refusal(opens_burst, 0)
        return Refusal(opens_burst, max(1, round(WINDOW_SECONDS - (now - times[0]))))
