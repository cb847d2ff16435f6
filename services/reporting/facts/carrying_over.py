"""Carrying over: events that a former generation has and no log any more, folded into the one that replaces it.

A rebuild reads the logs. One that was lost is filled again from the outboxes; what stood on it and in no outbox (an
event of a service that is no more, or of a stranger) is nowhere but in the former generation. A rebuild must not serve
less than was there, nor may a closing's replay lose what the closing counted. Folding leaves no trace of order and
repetition, so that an event that the log brings later after all changes nothing.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from psycopg import sql
from psycopg.rows import tuple_row

from services.reporting.facts import generations
from services.reporting.facts.fold import fold
from services.reporting.facts.messages import LinkVersion
from services.reporting.facts.projections.model import Version
from services.reporting.facts.repository import (
    LINK_COLUMNS,
    VERSION_COLUMNS,
    Connection,
    stored_link,
    stored_version,
)

BATCH = 1_000
_LACKING = """
SELECT {columns} FROM {old}.{table} WHERE NOT event_id = ANY(%(without)s) AND NOT EXISTS (
    SELECT FROM ({new}) n
    WHERE n.event_id = {table}.event_id AND n.about = {table}.{about} AND n.sequence = {table}.sequence)
LIMIT %(limit)s
"""


async def carry_over(
    connection: Connection,
    before: int,
    number: int,
    without: Collection[UUID],
    renewed: Callable[[Version | LinkVersion], Version | LinkVersion] = lambda event: event,
) -> int:
    """Fold up to `BATCH` events of each table into generation ``number``; how many, 0 when it lacks none.

    ``without``: events that the new generation has put aside as dead letters. ``renewed`` gives an event other linkage
    keys or tokens, where these must not be carried over.
    """
    events: list[Version | LinkVersion] = []
    for table in ("version", "version_replaced"):
        rows = await _lacking(connection, before, number, without, table, VERSION_COLUMNS)
        events += [stored_version(row) for row in rows]
    for table in ("link", "link_replaced"):
        rows = await _lacking(connection, before, number, without, table, LINK_COLUMNS)
        events += [stored_link(row) for row in rows]
    if events:
        await fold(connection, number, [renewed(event) for event in events])
    return len(events)


async def _lacking(
    connection: Connection, before: int, number: int, without: Collection[UUID], table: str, columns: str
) -> list[tuple[object, ...]]:
    query = sql.SQL(_LACKING).format(
        columns=sql.SQL(columns),
        old=sql.Identifier(generations.schema(before)),
        table=sql.Identifier(table),
        about=sql.Identifier(generations.ABOUT[table]),
        new=generations.every_event(number),
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"without": list(without), "limit": BATCH})
        return await cursor.fetchall()
