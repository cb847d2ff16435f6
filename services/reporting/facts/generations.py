"""Generations: database schemas, each with all tables that are computed from the log of events.

One generation is live and answers questions; another one may be under construction. The tables of a generation are never
migrated: everything in them can be computed from the log, so a new shape of the tables is a rebuild (``shape``).

What becomes of a generation is written through its class, in a session. `live`, `is_current`, `hold` and `freeze` stay SQL on
the connection: a question asks the first two each time, and a batch of the fold holds the third in its own transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Update, func, text, update
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, raw
from services.reporting.facts.shape import ddl, shape
from services.reporting.facts.tables import GENERATION, QUESTION_INDEXES, GenerationRow

Connection = psycopg.AsyncConnection[Any]
# Two requests at once must get one number, not begin two rebuilds.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended('reporting generations', 138))")
_OPEN = ("asked", "building")
_SHAPE_ASKED = "shape"  # who asked for a rebuild where no person did
_LACKS = """
SELECT EXISTS (
    SELECT FROM ({old}) o WHERE NOT o.event_id = ANY(%(without)s) AND NOT EXISTS (
        SELECT FROM ({new}) n
        WHERE n.event_id = o.event_id AND n.about = o.about AND n.sequence = o.sequence))
"""
# Read from the row as a document: a database whose migration is still to come has no such column.
# FOR SHARE: batches of all processes fold side by side, and only `freeze` and `closing.repository.hold_still` wait for
# all of them.
_HOLD = """
SELECT state, coalesce((to_jsonb(generation) ->> 'links_held')::bool, FALSE)
FROM generation WHERE number = %s FOR SHARE
"""
ABOUT = {"version": "record_id", "version_replaced": "record_id", "link": "ref", "link_replaced": "ref"}
"""The tables of events, and the column that says what an event is about, whatever the linkage secret: the subject of a link
is made from its token, so a rotation changes it; its reference stays."""


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


async def ask_for_shape(session: AsyncSession, at: datetime) -> None:
    """Ask for a rebuild because the live generation has another shape than this program.

    Once only: where a rebuild to this shape has failed since, a person must find out why and ask again.
    """
    answering = select(GenerationRow.number).where(GenerationRow.state == "live").scalar_subquery()
    if await links_held(session):
        return  # a rotation of the linkage secret asks for its own, when all events have been told again
    failed = select(GenerationRow.number).where(
        GenerationRow.state == "failed",
        GenerationRow.shape == shape(),
        col(GenerationRow.number) > answering,
    )
    if (await session.exec(failed.limit(1))).first() is None:
        await ask(session, at, _SHAPE_ASKED)


async def ask(session: AsyncSession, at: datetime, by: str) -> int:
    """Ask for a rebuild and return the number of the new generation.

    While an earlier request is not finished, its number is returned and no second rebuild is asked for.
    """
    await session.execute(_ONE_BY_ONE)
    unfinished = select(GenerationRow.number).where(col(GenerationRow.state).in_(_OPEN))
    open_one = (await session.exec(unfinished)).first()
    if open_one is not None:
        return open_one
    # A migration has made the first one, so there is a newest.
    number = (await session.exec(select(func.max(GenerationRow.number)))).one() + 1
    session.add(GenerationRow(number=number, state="asked", asked_at=at, asked_by=by))
    await session.flush()
    return int(number)


async def requested(session: AsyncSession) -> tuple[int, bool] | None:
    """Return the generation to build and whether its building has begun; None where no rebuild is asked for.

    The process that began it may have died since. One that was begun in another shape counts as not begun.
    """
    unfinished = select(GenerationRow.number, GenerationRow.state, GenerationRow.shape).where(
        col(GenerationRow.state).in_(_OPEN)
    )
    found = (await session.exec(unfinished)).first()
    if found is None:
        return None
    number, state, made_in = found
    return number, state == "building" and made_in == shape()


async def states(session: AsyncSession) -> list[dict[str, Any]]:
    """Return the newest generations and their states, newest first, at most twenty."""
    newest = select(GenerationRow).order_by(col(GenerationRow.number).desc()).limit(20)
    return [row.model_dump() for row in await session.exec(newest)]


@dataclass(frozen=True, slots=True)
class Folding:
    """What is folded into a generation now. ``links``: person links too (`hold_links`)."""

    facts: bool
    links: bool


async def hold(connection: Connection, number: int) -> Folding:
    """Return what may be folded into the generation: nothing unless it is live or being built.

    It keeps that state until the caller's transaction ends, because its row is locked for sharing.
    """
    found = await (await connection.execute(_HOLD, [number])).fetchone()
    open_now = found is not None and found[0] in ("live", "building")
    return Folding(open_now, links=open_now and found is not None and not found[1])


async def links_held(session: AsyncSession) -> bool:
    """Return whether no more person links are folded into the live generation (`hold_links`)."""
    held = select(GenerationRow.links_held).where(GenerationRow.state == "live")
    return (await session.exec(held)).one()


async def hold_links(session: AsyncSession) -> bool:
    """Fold no more person links into the live generation; return False while another one is being built.

    Waits for the batch that is being folded. The next rebuild makes a generation with all links again.
    """
    await session.execute(_ONE_BY_ONE)
    unfinished = select(GenerationRow.number).where(col(GenerationRow.state).in_(_OPEN))
    if (await session.exec(unfinished)).first() is not None:
        return False
    await session.execute(
        update(GenerationRow).where(col(GenerationRow.state) == "live").values(links_held=True)
    )
    return True


async def freeze(connection: Connection, number: int) -> None:
    """Wait until no batch is being folded into the generation; further batches wait until the caller's transaction ends."""
    await connection.execute("SELECT 1 FROM generation WHERE number = %s FOR UPDATE", [number])


async def begin(session: AsyncSession, number: int, at: datetime) -> None:
    """Create empty tables for a generation, after deleting those that an earlier attempt left."""
    connection = await raw(session)
    await drop(connection, number)
    name = sql.Identifier(schema(number))
    await connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(name))
    # Folding the whole log into tables with all indexes would take much longer; they come at the end.
    for statement in ddl(questions=False):
        await connection.execute(statement.encode())
    await connection.execute("SET LOCAL search_path TO public")
    building = _of(number).values(state="building", started_at=at, error=None, shape=shape())
    await session.execute(building)


async def add_indexes(connection: Connection, number: int) -> None:
    """Create the indexes that questions need, and collect statistics of the tables for the query planner (ANALYZE)."""
    # The limit is made for questions; an index over millions of rows takes longer.
    await connection.execute("SET LOCAL statement_timeout TO 0")
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema(number))))
    for statement in QUESTION_INDEXES:
        # An earlier attempt may have committed the indexes and then not switched, because the rest of the log did not
        # come.
        await connection.execute(statement.replace("INDEX", "INDEX IF NOT EXISTS", 1).encode())
    for table in GENERATION.sorted_tables:
        await connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
    await connection.execute("SET LOCAL search_path TO public")


def every_event(number: int) -> sql.Composed:
    """Return the query of all events that a generation holds: id, record, sequence and `ABOUT`, also of those replaced."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT event_id, record_id, sequence, {} AS about FROM {}.{}").format(
            sql.Identifier(about), sql.Identifier(schema(number)), sql.Identifier(table)
        )
        for table, about in ABOUT.items()
    )


async def lacks(connection: Connection, before: int, number: int, without: Collection[UUID]) -> bool:
    """Return whether a generation still lacks an event that another one has.

    ``before`` is the other generation, ``number`` the new one, ``without`` the ids of events that the new one stored as
    dead letters. Positions in the log cannot tell this: a broker that lost its log counts from the beginning again.
    """
    query = sql.SQL(_LACKS).format(old=every_event(before), new=every_event(number))
    found = await (await connection.execute(query, {"without": list(without)})).fetchone()
    return found is not None and bool(found[0])


async def switch(session: AsyncSession, before: int, number: int, at: datetime) -> None:
    """Make a generation the live one in place of another, in the caller's transaction."""
    # First the old one ends: a unique index allows one live generation at any moment.
    await session.execute(_of(before).values(state="ended", ended_at=at))
    await session.execute(_of(number).values(state="live", live_at=at))


async def fail(session: AsyncSession, number: int, at: datetime, error: str) -> None:
    """Mark a rebuild as failed: delete its tables and store the reason."""
    # A failed rebuild is never resumed, so its tables would only fill the disk.
    await drop(await raw(session), number)
    await session.execute(_of(number).values(state="failed", ended_at=at, error=error))


async def former(session: AsyncSession) -> list[int]:
    """Return the ended generations whose tables still exist.

    Their rows stay locked until the transaction ends, so that no two processes delete the same tables.
    """
    ended = select(GenerationRow.number).where(GenerationRow.state == "ended")
    await session.exec(ended.order_by(col(GenerationRow.number)).with_for_update())
    # Asked after the lock: another process may have deleted them while this one waited for it.
    tables = func.to_regnamespace(func.concat("g", GenerationRow.number))
    return list((await session.exec(ended.where(tables.is_not(None)))).all())


def _of(number: int) -> Update:
    return update(GenerationRow).where(col(GenerationRow.number) == number)


async def drop(connection: Connection, number: int) -> None:
    """Remove a generation's tables. Waits for the questions that read them."""
    await connection.execute(
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema(number)))
    )
