"""What was reckoned lately, under a key that changes with everything that it follows from; the oldest is let go."""

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """Keeps values of so many parts together at the most (one that is larger, alone); nobody may change one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts = 0
        self._found: dict[Hashable, tuple[Found, int]] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> Found | None:
        """Return what is kept under a key; None where nothing is."""
        with self._lock:
            kept = self._found.pop(key, None)
            if kept is None:
                return None
            self._found[key] = kept  # what was asked for last goes last
            return kept[0]

    def put(self, key: Hashable, found: Found, parts: int) -> None:
        """Keep a value of so many parts, and let go what was not asked for longest."""
        with self._lock:
            self._drop(key)
            # Stops when nothing else is left: a list above the bound is kept alone, or each of its pages would be
            # reckoned anew.
            while self._found and self._parts + parts > self._most:
                self._drop(next(iter(self._found)))
            self._found[key] = found, parts
            self._parts += parts

    def _drop(self, key: Hashable) -> None:
        kept = self._found.pop(key, None)
        self._parts -= 0 if kept is None else kept[1]
