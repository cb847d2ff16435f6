"""Filling the search with records from before it: background work of a service, once after each start.

Records that were handed in since are in it already; so are those that an interrupted run has dealt with.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.chassis.persistence import is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger, pause
from services.chassis.security import DecryptionFailedError
from services.registers import search_index
from services.registers.engine import Intake

_BATCH = 1_000
_AFTER_OUTAGE_SECONDS = 5.0
log = get_logger(__name__)


def filling(platform: Platform, intake: Intake) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Return the work: it fills the search form by form, and then waits for its end."""

    async def fill(stop: asyncio.Event) -> None:
        for form in intake.searched:
            try:
                if records := await fill_form(platform, intake, form, stop):
                    log.info("records put into the search", form=form, records=records)
            except DecryptionFailedError:
                # The others can be found; the next start, or a rotation of the field keys, tries these again.
                log.error("records stay out of the search: a field key is not configured", form=form)
        await stop.wait()

    return fill


async def fill_form(platform: Platform, intake: Intake, form: str, stop: asyncio.Event) -> int:
    """Put the form's records into the search that are not in it with all their versions; return how many.

    Raises:
        DecryptionFailedError: an identity is under a field key that is not configured any more.
    """
    done, after = 0, None
    while not stop.is_set():
        try:
            records = await _next(platform, intake, form, after)
        except Exception as error:
            if not is_outage(error):
                raise
            await pause(stop, _AFTER_OUTAGE_SECONDS)
            continue
        if not records:
            break
        done, after = done + len(records), records[-1]
        # Hand-ins and answers come first.
        await pause(stop, 0.01)
    return done


async def _next(platform: Platform, intake: Intake, form: str, after: UUID | None) -> list[UUID]:
    async with platform.uow() as session:
        return await search_index.renew(session, form, intake.vault, _BATCH, after)
