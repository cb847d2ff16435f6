"""Removing previews that have expired: background work of a service, so that nothing stays of what nobody confirms."""

import asyncio
from collections.abc import Awaitable, Callable

from services.chassis.persistence import is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger, pause
from services.registers.previews.store import Previews

_EVERY_SECONDS = 900.0
log = get_logger(__name__)


def forgetting(platform: Platform, previews: Previews) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Return the work: it removes what has expired, now and every quarter of an hour."""

    async def forget(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with platform.uow() as session:
                    removed = await previews.forget(session, platform.clock())
                if removed:
                    log.info("expired previews removed", previews=removed)
            except Exception as error:
                if not is_outage(error):
                    raise
            await pause(stop, _EVERY_SECONDS)

    return forget
