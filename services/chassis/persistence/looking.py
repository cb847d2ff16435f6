"""Background work that looks again and again whether there is something to do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from services.chassis.persistence.session import is_outage
from services.chassis.runtime import describe, pause


async def look_until(
    stop: asyncio.Event, look: Callable[[], Awaitable[object]], every_seconds: float, log: Any, work: str
) -> None:
    """Look, and look again after ``every_seconds``, until ``stop`` is set.

    Outages are waited out and logged under the name of the ``work``; only faults of this program are raised.
    """
    while not stop.is_set():
        try:
            await look()
        except Exception as error:
            # An outage passes by itself; a fault of the program must end the process and be seen.
            if not is_outage(error):
                raise
            log.warning(f"{work} interrupted, trying again", **describe(error))
        await pause(stop, every_seconds)
