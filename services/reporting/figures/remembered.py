"""What was worked out of one state of the tables, kept for the next reader who asks the same.

The tables change with every folded batch, and so does their watermark. What is kept under a watermark is therefore never out of
date: after a change nobody asks for it again, and it makes room for what is.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar

from contracts.envelope import VIETNAM
from services.reporting.figures.answering import Watermark

_MOST = 1_024
T = TypeVar("T")


class Remembered:
    """Results by the state and the question that they are of; the longest unused go first. Nothing of it is about a reader.

    Whoever asks decides beforehand whether his reader may see the result.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    async def get(self, state: Watermark, asked: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return what ``make`` made of the state when the same was asked; else what it makes now."""
        key = (state, asked)
        if key in self._kept:
            self._kept.move_to_end(key)
            kept: T = self._kept[key]
            return kept
        made = await make()
        self._kept[key] = made
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made


def knowledge(state: Watermark, known_at: datetime) -> Hashable:
    """Return what of an instant of knowledge makes a difference: its day where it is after all that the state knows.

    Nothing was recorded since the last record time, so what is known at both instants is the same; what is late may still
    depend on the day.
    """
    if state.last is not None and known_at >= state.last:
        return known_at.astimezone(VIETNAM).date()
    return known_at
