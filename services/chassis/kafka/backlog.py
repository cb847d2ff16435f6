"""Measure what waits in a service's database: unsent events and dead letters. Alerts use these gauges.

They are measured also while the broker cannot be reached.
"""

import asyncio

from sqlalchemy import text

from services.chassis.persistence import is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import pause

_EVERY_SECONDS = 1.0
_WAITING = text(
    "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0),"
    " (SELECT count(*) FROM dead_letter WHERE status = 'waiting') FROM outbox WHERE sent_at IS NULL"
)


async def measure_until(platform: Platform, stop: asyncio.Event) -> None:
    """Keep the gauges of unsent events and waiting dead letters current until `stop`."""
    while not stop.is_set():
        try:
            async with platform.uow() as session:
                unsent, age, letters = (await session.execute(_WAITING)).one()
        except Exception as error:
            if not is_outage(error):
                raise
        else:
            platform.metrics.outbox_depth.set(unsent)
            platform.metrics.outbox_age.set(float(age))
            platform.metrics.dead_letters_waiting.set(letters)
        await pause(stop, _EVERY_SECONDS)
