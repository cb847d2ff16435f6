"""Pacing: how often a subscriber asks for records while none come.

Apache Kafka holds a fetch back until there is something. The embedded broker does not wake a waiting fetch, so its
fetches are short, and an idle consumer would ask it sixty times a second. While nothing comes its partitions are paused
between two fetches, Kafka's own way to stop fetching for a while. Pauses grow with the silence: with all of them as short
as the first, an idle stack took two thirds of a core, half of it in the broker.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

_SILENCE_SECONDS = 1.0
# This share of the silence so far. The first record after it is late by half a pause on average (seconds).
_PAUSED_SHARE, _LONGEST_PAUSE_SECONDS = 0.05, 0.4
_FETCHING_SECONDS = 0.02
# A batch subscriber waits this long for records and sleeps as long again after an empty poll, so it adds to freshness.
POLL_MS, _SILENT_POLL_MS, _LONGEST_POLL_MS = 10, 25, 100


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
            silence = time.monotonic() - self._last
            if silence >= _SILENCE_SECONDS and not behind():
                self._poll_every(min(_LONGEST_POLL_MS, round(_SILENT_POLL_MS * silence)))
                await (self._pause(silence) if self._pausing else asyncio.sleep(_SILENCE_SECONDS))

    async def _pause(self, silence: float) -> None:
        client = self._subscriber.consumer
        partitions = client.assignment()
        client.pause(*partitions)
        await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, _PAUSED_SHARE * silence))
        client.resume(*partitions)

    def _poll_every(self, milliseconds: int) -> None:
        if hasattr(self._subscriber, "batch_timeout_ms"):  # one that takes single messages does not poll
            self._subscriber.batch_timeout_ms = milliseconds
