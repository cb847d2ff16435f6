"""Pacing: how often a subscriber asks for records while none come.

Apache Kafka holds a fetch back until there is something. The embedded broker does not wake a waiting fetch, so its
fetches are short, and an idle consumer would ask it sixty times a second. While nothing comes its partitions are paused
between two fetches, Kafka's own way to stop fetching for a while.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

_SILENCE_SECONDS = 1.0
# After a silence the first record is late by half of this on average (seconds).
_PAUSED_SECONDS = 0.05
_FETCHING_SECONDS = 0.02
# A batch subscriber waits this long for records and sleeps as long again after an empty poll, so it adds to freshness.
POLL_MS, _SILENT_POLL_MS = 10, 25


class Pacing:
    """The pace of one subscriber: without pauses while records come, with pauses after a second without any."""

    def __init__(self, subscriber: Any, *, pausing: bool) -> None:
        self._subscriber = subscriber
        self._pausing = pausing
        self._last = time.monotonic()

    def heard(self) -> None:
        """Note that records have come, or have just been applied."""
        self._last = time.monotonic()
        self._poll_every(POLL_MS)

    async def keep(self, behind: Callable[[], bool]) -> None:
        """Pause and resume partitions until cancelled. ``behind`` says whether fetched records wait to be applied."""
        while True:
            await asyncio.sleep(max(_FETCHING_SECONDS, self._last + _SILENCE_SECONDS - time.monotonic()))
            # The client hands over no records of a paused partition, even fetched ones.
            if self._is_silent() and not behind():
                self._poll_every(_SILENT_POLL_MS)
                await (self._pause() if self._pausing else asyncio.sleep(_SILENCE_SECONDS))

    async def _pause(self) -> None:
        client = self._subscriber.consumer
        partitions = client.assignment()
        client.pause(*partitions)
        await asyncio.sleep(_PAUSED_SECONDS)
        client.resume(*partitions)

    def _is_silent(self) -> bool:
        return time.monotonic() - self._last >= _SILENCE_SECONDS

    def _poll_every(self, milliseconds: int) -> None:
        if hasattr(self._subscriber, "batch_timeout_ms"):  # one that takes single messages does not poll
            self._subscriber.batch_timeout_ms = milliseconds
