"""Lines that a missing broker makes a thousand times a minute: the first is written, then once a minute how many there were."""

import copy
import logging
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TextIO

_EVERY_SECONDS = 60.0
_KINDS = 200
_LIBRARY = "aiokafka"
_OWN = frozenset({"consumer interrupted, trying again", "relay interrupted, trying again"})


@dataclass(slots=True)
class _Seen:
    """A kind of line: when it was written last, how many were left out since, and the last of them."""

    written: float
    left_out: int = 0
    last: logging.LogRecord | None = None


class Repeats:
    """Decides which lines are written. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, _Seen] = {}

    def passes(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written now; what is not is counted."""
        kind = kind_of(record)
        if kind is None:
            return True
        seen = self._seen.get(kind)
        if seen is None:
            # The oldest kind makes room: a library that puts values into its texts must not fill the memory.
            if len(self._seen) >= _KINDS:
                del self._seen[next(iter(self._seen))]
            self._seen[kind] = _Seen(self._clock())
            return True
        seen.left_out += 1
        seen.last = record
        return False

    def due(self) -> Iterator[logging.LogRecord]:
        """Yield the last line of each kind of which some were left out for a minute; ``repeated`` on it says how many."""
        now = self._clock()
        for kind, seen in list(self._seen.items()):
            if now - seen.written < _EVERY_SECONDS:
                continue
            if seen.last is None:
                # Nothing for a minute: the next one is the first of another outage.
                del self._seen[kind]
                continue
            told = copy.copy(seen.last)
            told.repeated = seen.left_out
            self._seen[kind] = _Seen(now)
            yield told


class CountingHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, repeated ones as `Repeats` decides. Counts are told with the next line of any kind."""

    def __init__(self, stream: TextIO, repeats: Repeats | None = None) -> None:
        super().__init__(stream)
        self._repeats = repeats or Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        """Write what is due, then the line if it passes."""
        for told in self._repeats.due():
            super().emit(told)
        if self._repeats.passes(record):
            super().emit(record)


def kind_of(record: logging.LogRecord) -> Hashable | None:
    """Return what makes lines of an outage equal, None for all other lines, of which each is written.

    For the library: its text without the values, and the classes of errors among them (another reason is another kind).
    """
    if isinstance(record.msg, dict):
        event = record.msg.get("event")
        return (
            (record.name, event, record.msg.get("consumer"), record.msg.get("error"))
            if event in _OWN
            else None
        )
    if record.levelno < logging.WARNING or record.name.split(".")[0] != _LIBRARY:
        return None
    values = record.args if isinstance(record.args, tuple) else ()
    errors = tuple(type(value).__name__ for value in values if isinstance(value, BaseException))
    return record.name, record.levelno, str(record.msg), errors
