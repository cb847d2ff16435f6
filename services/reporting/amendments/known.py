"""The rules as they are known at an instant: what the pack says, and over it what was confirmed until then."""

from datetime import datetime

from reference import DayChange, DaysOff, listed_days_off
from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch


async def days_off_at(connection: Connection, at: datetime) -> DaysOff:
    """Return the days off by what was confirmed until the instant; of a day the last confirmation counts."""
    return listed_days_off().changed(await changes_at(connection, at))


async def changes_at(connection: Connection, at: datetime) -> list[DayChange]:
    """Return what of the days off was changed until the instant, in the order of the confirmations."""
    confirmed = Statement(
        "confirmed_days_off",
        """
        SELECT kind, first, last
        FROM amendment
        WHERE rule_table = 'days_off'
          AND state = 'confirmed'
          AND decided_at <= %(at)s
        ORDER BY number
        """,
        doc="Days off that were changed, in the order of their confirmation.",
        parameters={"at": at},
    )
    return [DayChange(*row) for row in await fetch(connection, confirmed)]
