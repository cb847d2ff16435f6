"""Asking for a rebuild, and how far it is: what the generation being built has read, of what the logs hold."""

from sqlalchemy import text

from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.reporting.facts import generations
from services.reporting.facts.consumers import consumer_name

log = get_logger(__name__)

_READ = text(
    "SELECT coalesce(sum(least(coalesce(new.next_offset, 0), ends.at)), 0), coalesce(sum(ends.at), 0) FROM"
    " (SELECT topic, partition, max(greatest(next_offset, coalesce(log_end, 0))) AS at FROM position"
    "  WHERE consumer LIKE 'reporting-g%' GROUP BY topic, partition) ends"
    " LEFT JOIN position new ON new.consumer = :building AND new.topic = ends.topic AND new.partition = ends.partition"
)


async def progress(session: AsyncSession, generation: int) -> float | None:
    """Return the share of the events that the generation has read, from 0 to 1; None where there are none yet."""
    read, whole = (await session.execute(_READ, {"building": consumer_name(generation)})).one()
    return float(read / whole) if whole else None


async def ask(platform: Platform, caller: Principal) -> int:
    """Ask for a rebuild and return the number of the new generation; Problem 409 during a rotation of the linkage secret."""
    async with platform.uow() as session:
        # Half of the events may have keys of the next epoch: a generation made of both would link nobody rightly.
        if await generations.links_held(session):
            raise Problem(409, "rebuild_held")
        number = await generations.ask(session, platform.clock(), caller.subject)
    log.warning("rebuild asked for", generation=number, by=caller.subject)
    return number
