"""Generations: database schemas, each with all tables that are computed from the log of events.

One generation is live and answers questions; another one may be under construction. The tables of a generation are never
migrated: everything in them can be computed from the log, so a new shape of the tables is a rebuild (``shape``).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from services.reporting.facts.shape import ddl, shape
from services.reporting.facts.tables import GENERATION, QUESTION_INDEXES

Connection = psycopg.AsyncConnection[Any]
_LOCK = "reporting generations"
_SHAPE_ASKED = "shape"  # who asked for a rebuild where no person did
_LACKS = """
SELECT EXISTS (
    SELECT FROM ({old}) o WHERE NOT o.event_id = ANY(%(without)s) AND NOT EXISTS (
        SELECT FROM ({new}) n
        WHERE n.event_id = o.event_id AND n.record_id = o.record_id AND n.sequence = o.sequence))
"""
_EVENTS = ("version", "version_replaced", "link", "link_replaced")


def schema(number: int) -> str:
    """Return the schema of a generation."""
    return f"g{number}"


async def live(connection: Connection) -> int:
    """Return the generation that answers questions."""
    found = await (await connection.execute("SELECT number FROM generation WHERE state = 'live'")).fetchone()
    if found is None:
        raise LookupError("no generation is live: the database is not migrated")
    return int(found[0])


async def is_current(connection: Connection) -> bool:
    """Return whether the tables of the live generation have the shape (columns, indexes) that this program declares."""
    found = await (await connection.execute("SELECT shape FROM generation WHERE state = 'live'")).fetchone()
    return found is not None and found[0] == shape()


async def ask_for_shape(connection: Connection, at: datetime) -> None:
    """Ask for a rebuild because the live generation has another shape than this program.

    Once only: where a rebuild to this shape has failed since, a person must find out why and ask again.
    """
    failed = await (
        await connection.execute(
            "SELECT 1 FROM generation WHERE state = 'failed' AND shape = %s"
            " AND number > (SELECT number FROM generation WHERE state = 'live') LIMIT 1",
            [shape()],
        )
    ).fetchone()
    if failed is None:
        await ask(connection, at, _SHAPE_ASKED)


async def ask(connection: Connection, at: datetime, by: str) -> int:
    """Ask for a rebuild and return the number of the new generation.

    While an earlier request is not finished, its number is returned and no second rebuild is asked for.
    """
    # Two requests at once must get one number, not begin two rebuilds.
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 138))", [_LOCK])
    open_one = await (
        await connection.execute("SELECT number FROM generation WHERE state IN ('asked', 'building')")
    ).fetchone()
    if open_one is not None:
        return int(open_one[0])
    made = await (
        await connection.execute(
            "INSERT INTO generation (number, state, asked_at, asked_by)"
            " SELECT max(number) + 1, 'asked', %s, %s FROM generation RETURNING number",
            [at, by],
        )
    ).fetchone()
    # `max` yields one row even of an empty table, so something is always inserted.
    assert made is not None
    return int(made[0])


async def requested(connection: Connection) -> tuple[int, bool] | None:
    """Return the generation to build and whether its building has begun; None where no rebuild is asked for.

    The process that began it may have died since. One that was begun in another shape counts as not begun.
    """
    found = await (
        await connection.execute(
            "SELECT number, state = 'building' AND shape IS NOT DISTINCT FROM %s FROM generation"
            " WHERE state IN ('asked', 'building')",
            [shape()],
        )
    ).fetchone()
    return None if found is None else (int(found[0]), bool(found[1]))


async def states(connection: Connection) -> list[dict[str, Any]]:
    """Return the newest generations and their states, newest first, at most twenty."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT number, state, asked_at, asked_by, started_at, live_at, ended_at, error, shape"
            " FROM generation ORDER BY number DESC LIMIT 20"
        )
        return await cursor.fetchall()


async def hold(connection: Connection, number: int) -> bool:
    """Return whether events may be folded into the generation: it is live or being built.

    It keeps that state until the caller's transaction ends, because its row is locked for sharing.
    """
    found = await (
        await connection.execute("SELECT state FROM generation WHERE number = %s FOR SHARE", [number])
    ).fetchone()
    return found is not None and found[0] in ("live", "building")


async def freeze(connection: Connection, number: int) -> None:
    """Wait until no batch is being folded into the generation; further batches wait until the caller's transaction ends."""
    await connection.execute("SELECT 1 FROM generation WHERE number = %s FOR UPDATE", [number])


async def begin(connection: Connection, number: int, at: datetime) -> None:
    """Create empty tables for a generation, after deleting those that an earlier attempt left."""
    name = sql.Identifier(schema(number))
    await connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    await connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(name))
    # Folding the whole log into tables with all indexes would take much longer; they come at the end.
    for statement in ddl(questions=False):
        await connection.execute(statement.encode())
    await connection.execute("SET LOCAL search_path TO public")
    await connection.execute(
        "UPDATE generation SET state = 'building', started_at = %s, error = NULL, shape = %s WHERE number = %s",
        [at, shape(), number],
    )


async def add_indexes(connection: Connection, number: int) -> None:
    """Create the indexes that questions need, and collect statistics of the tables for the query planner (ANALYZE)."""
    await connection.execute("SET LOCAL statement_timeout TO 0")
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema(number))))
    for statement in QUESTION_INDEXES:
        await connection.execute(statement.replace("INDEX", "INDEX IF NOT EXISTS", 1).encode())
    for table in GENERATION.sorted_tables:
        await connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
    await connection.execute("SET LOCAL search_path TO public")


def every_event(number: int) -> sql.Composed:
    """Return the query of all events that a generation holds: id, record and sequence, also of those replaced."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT event_id, record_id, sequence FROM {}.{}").format(
            sql.Identifier(schema(number)), sql.Identifier(table)
        )
        for table in _EVENTS
    )


async def lacks(connection: Connection, before: int, number: int, without: Collection[UUID]) -> bool:
    """Return whether a generation still lacks an event that another one has.

    ``before`` is the other generation, ``number`` the new one, ``without`` the ids of events that the new one stored as
    dead letters. Positions in the log cannot tell this: a broker that lost its log counts from the beginning again.
    """
    query = sql.SQL(_LACKS).format(old=every_event(before), new=every_event(number))
    found = await (await connection.execute(query, {"without": list(without)})).fetchone()
    return found is not None and bool(found[0])


async def switch(connection: Connection, before: int, number: int, at: datetime) -> None:
    """Make a generation the live one in place of another, in the caller's transaction."""
    await connection.execute(
        "UPDATE generation SET state = 'ended', ended_at = %s WHERE number = %s", [at, before]
    )
    await connection.execute(
        "UPDATE generation SET state = 'live', live_at = %s WHERE number = %s", [at, number]
    )


async def fail(connection: Connection, number: int, at: datetime, error: str) -> None:
    """Mark a rebuild as failed: delete its tables and store the reason."""
    # A failed rebuild is never resumed, so its tables would only fill the disk.
    await drop(connection, number)
    await connection.execute(
        "UPDATE generation SET state = 'failed', ended_at = %s, error = %s WHERE number = %s",
        [at, error, number],
    )


async def former(connection: Connection) -> list[int]:
    """Return the ended generations whose tables still exist.

    Their rows stay locked until the transaction ends, so that no two processes delete the same tables.
    """
    await connection.execute("SELECT 1 FROM generation WHERE state = 'ended' ORDER BY number FOR UPDATE")
    found = await connection.execute(
        "SELECT number FROM generation WHERE state = 'ended' AND to_regnamespace('g' || number) IS NOT NULL"
    )
    return [int(row[0]) for row in await found.fetchall()]


async def drop(connection: Connection, number: int) -> None:
    """Remove a generation's tables. Waits for the questions that read them."""
    await connection.execute(
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema(number)))
    )
