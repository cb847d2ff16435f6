"""Older pages: a row that says itself that it was written before what stands enters the history at its own time.

Readers of the events go by the highest sequence among those recorded by an instant (`contracts.record_time`). So the
versions that were written later are told again after an older one, each with its own record time: what stands goes on
standing, and an earlier `known_at` sees the older page from its time on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from contracts.envelope import VIETNAM, start_of_day
from contracts.record_time import in_force
from services.registers.states import State


class _Dated(Protocol):
    """Something with a record time of its own, if any."""

    @property
    def given(self) -> datetime | None: ...


def is_older(page: _Dated, state: State) -> bool:
    """Return whether a page was written before a version that is known; one without a record time of its own never was.

    A version without one was recorded when it was handed in: a page of that day, written as a day alone, is not older.
    After a withdrawal without one the number is free: whatever is handed in enters the record again.
    """
    if page.given is None or (state.voided and state.given is None):
        return False
    if state.given is None and page.given == start_of_day(page.given.astimezone(VIETNAM).date()):
        return page.given.astimezone(VIETNAM).date() < state.recorded_at.astimezone(VIETNAM).date()
    return page.given < state.recorded_at


def around(history: Sequence[State], page: _Dated) -> tuple[State | None, list[State]]:
    """Return what was known when the page was written, None for nothing, and the versions that were known after it.

    Example: versions of day 5 and 20, a page of day 10: that of day 5, and [that of day 20].
    """
    held = [version for version, _, _ in in_force(history)]
    step = next((step for step, version in enumerate(held) if is_older(page, version)), len(held))
    return (held[step - 1] if step else None), held[step:]


def as_handed_in(history: Sequence[State]) -> list[State]:
    """Return the history without the versions that were told again after an older page: what was handed in, in order."""
    found: list[State] = []
    step = 0
    while step < len(history):
        state = history[step]
        found.append(state)
        step += 1
        _, again = around(history[: step - 1], state)
        if again and [_said(each) for each in again] == [
            _said(each) for each in history[step : step + len(again)]
        ]:
            step += len(again)
    return found


def _said(state: State) -> tuple[bytes, datetime, bool]:
    return state.digest.joined, state.recorded_at, state.voided
