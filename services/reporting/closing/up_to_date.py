"""Check that the figures contain everything that was handed in. A closing is final, so no message may still be waiting."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta

from services.chassis.kafka import standing
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.facts import CONSUMED, consumer_name, generations
from services.reporting.settings import ReportingSettings
from texts import message

_WAIT_SECONDS = 15.0
_LOOK_SECONDS = 0.2
# How long a position stays the same does not matter here: a closing waits for all records.
_EVER = timedelta(days=36_500)


async def check_up_to_date(platform: Platform) -> None:
    """Wait until the live generation contains everything that was in the logs when this was called.

    Its consumer is asked for the ends of the logs, since its answer is newer than any metric. Topics of which nothing was
    ever applied are not waited for.

    Raises:
        Problem: 409 where the consumer is stopped, still behind after some seconds, or does not answer; each text says
            what to wait for.
    """
    async with platform.uow() as session:
        consumer = consumer_name(await generations.live(await raw(session)))
        since = await standing.ask(session, consumer)
    settings = platform.settings
    wait_seconds = settings.closing_wait_seconds if isinstance(settings, ReportingSettings) else _WAIT_SECONDS
    deadline = time.monotonic() + wait_seconds
    while True:
        async with platform.uow() as session:
            stopped = await standing.troubles(session, [consumer], _EVER)
            waiting = await standing.waiting(session, consumer, CONSUMED, since)
        if stopped:
            reason = message(stopped[0].rule, consumer=consumer, what=stopped[0].what)
            raise Problem(409, "closing_halted", reason=reason)
        if not waiting:
            return
        if time.monotonic() > deadline:
            raise _behind(waiting)
        await asyncio.sleep(_LOOK_SECONDS)


def _behind(waiting: Mapping[str, int | None]) -> Problem:
    known = {topic: records for topic, records in waiting.items() if records is not None}
    if known:
        return Problem(409, "closing_behind", topics=", ".join(f"{name} ({n})" for name, n in known.items()))
    return Problem(409, "closing_unkept", topics=", ".join(waiting))
