"""The closed state: the tables of a generation as a closing knew them, next to the tables as they are now.
Which events a closing knew is stored exactly (``facts.late_arrivals``). Rows are a pure function of the events. So a record
without a late event has the same rows now as at the closing. For the records with a late event, and for those that
share a timeline or a person with one, the rows are computed again from the events that the closing knew. They go into
temporary tables of this transaction. Views with the names of the generation's tables unite both sets of rows, so the
evaluator of figures reads the closed state without any change.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from psycopg import sql

from contracts.record_time import FOREVER, supersedes
from services.chassis.persistence import copy_texts
from services.linkage import Groups
from services.reporting.closing import statements
from services.reporting.closing.statements import Boundary
from services.reporting.facts import (
    COPY_COLUMNS,
    Connection,
    Edge,
    LinkVersion,
    PersonRow,
    fetch,
    histories,
    project,
    stored_link,
    stored_version,
)

_MAKE = (
    "CREATE TEMP VIEW every_version AS SELECT * FROM {g}.version UNION ALL SELECT * FROM {g}.version_replaced",
    "CREATE TEMP TABLE late_record (record_id uuid PRIMARY KEY) ON COMMIT DROP",
    "CREATE TEMP TABLE late_ref (ref uuid PRIMARY KEY) ON COMMIT DROP",
    "CREATE TEMP TABLE closed_person (ref uuid, known_from timestamptz, known_to timestamptz, person uuid)"
    " ON COMMIT DROP",
)


class Views:
    """Switches one transaction between the tables as they are now and the tables as the closing knew them."""

    def __init__(self, connection: Connection, generation: int) -> None:
        self._connection = connection
        self._now = sql.SQL("SET LOCAL search_path TO {}, public, pg_temp").format(_schema(generation))
        # PostgreSQL finds the views before the tables of the same names, so the evaluator reads the closed state.
        self._then = sql.SQL("SET LOCAL search_path TO pg_temp, {}, public").format(_schema(generation))

    async def now(self) -> None:
        """Make table names mean the tables of the generation as they are now, from here on."""
        await self._connection.execute(self._now)

    async def then(self) -> None:
        """Make table names mean the tables as the closing knew them, from here on."""
        await self._connection.execute(self._then)


@asynccontextmanager
async def closed_state(connection: Connection, generation: int, boundary: Boundary) -> AsyncIterator[Views]:
    """Open both states of a generation in the caller's transaction; at first table names mean the present state.

    The transaction must be allowed to create temporary tables. They are dropped when the block ends.
    """
    views = Views(connection, generation)
    schema = _schema(generation)
    for statement in _MAKE:
        await connection.execute(sql.SQL(statement).format(g=schema))
    await _find_records(connection, boundary)
    await _make_rows(connection, schema, boundary)
    await _make_persons(connection, schema, boundary)
    await views.now()
    try:
        yield views
    finally:
        await _take_away(connection)


async def _find_records(connection: Connection, boundary: Boundary) -> None:
    """Store the ids of records with a late event, and of all records that share a timeline with one of them."""
    marking = statements.mark_late_records(boundary)
    await connection.execute(marking.text.encode(), marking.values)
    # Versions of one record may be in two timelines, so each round can lead to further records.
    while (await connection.execute(statements.SPREAD_TO_TIMELINES.text.encode())).rowcount:
        pass
    await connection.execute("ANALYZE pg_temp.late_record")


async def _make_rows(connection: Connection, schema: sql.Identifier, boundary: Boundary) -> None:
    """Compute the rows of those records from the events that the closing knew; unite them with the other rows in views."""
    versions = [stored_version(row) for row in await fetch(connection, statements.known_versions(boundary))]
    cells: dict[str, list[tuple[Any, ...]]] = {table: [] for table, _ in COPY_COLUMNS.values()}
    for row, record_id, known_from, known_to in project(versions):
        cells[COPY_COLUMNS[type(row)][0]].append((record_id, known_from, known_to, *row))
    for table, columns in COPY_COLUMNS.values():
        made = {"g": schema, "table": sql.Identifier(table), "closed": sql.Identifier(f"closed_{table}")}
        await connection.execute(
            sql.SQL("CREATE TEMP TABLE {closed} (LIKE {g}.{table}) ON COMMIT DROP").format(**made)
        )
        await copy_texts(connection, f"pg_temp.closed_{table}", columns, cells[table])
        # PostgreSQL does not analyze temporary tables by itself, and without statistics the plans are bad.
        await connection.execute(sql.SQL("ANALYZE pg_temp.{closed}").format(**made))
        await connection.execute(
            sql.SQL(
                "CREATE TEMP VIEW {table} AS SELECT s.* FROM {g}.{table} s WHERE NOT EXISTS"
                " (SELECT FROM pg_temp.late_record late WHERE late.record_id = s.record_id)"
                " UNION ALL SELECT * FROM pg_temp.{closed}"
            ).format(**made)
        )


async def _make_persons(connection: Connection, schema: sql.Identifier, boundary: Boundary) -> None:
    """Compute the human being of each reference from the links that the closing knew, where links are late."""
    ((any_late,),) = await fetch(connection, statements.any_late_link(boundary))
    found = await fetch(connection, statements.every_link(boundary)) if any_late else []
    links = [(stored_link(row), row[-1]) for row in found]
    refs, edges = _edges_at_closing(links)
    await copy_texts(connection, "pg_temp.late_ref", ["ref"], ((ref,) for ref in sorted(refs)))
    await copy_texts(connection, "pg_temp.closed_person", PersonRow._fields, histories(edges))
    await connection.execute("ANALYZE pg_temp.late_ref, pg_temp.closed_person")
    await connection.execute(
        sql.SQL(
            "CREATE TEMP VIEW person AS SELECT p.ref, p.known_from, p.known_to, p.person FROM {g}.person p"
            " WHERE NOT EXISTS (SELECT FROM pg_temp.late_ref late WHERE late.ref = p.ref)"
            " UNION ALL SELECT ref, known_from, known_to, person FROM pg_temp.closed_person"
        ).format(g=schema)
    )


def _edges_at_closing(links: Iterable[tuple[LinkVersion, bool]]) -> tuple[set[str], list[Edge]]:
    """Return the references whose human being differs between the closing and now, and their links at the closing.

    ``links``: every version of every link, and whether it is late (the closing did not know it).
    """
    now: dict[str, LinkVersion] = {}
    then: dict[str, LinkVersion] = {}
    for link, is_late in links:
        for state in (now,) if is_late else (now, then):
            rival = state.get(link.record_id)
            if rival is None or supersedes(link, rival):
                state[link.record_id] = link
    groups: Groups[str] = Groups()
    for link in (*now.values(), *then.values()):
        # A withdrawn link joins nobody: it counts "as if never made" (ADR 0011). Nor does one that waits.
        if link.joins:
            groups.join(link.ref, _token(link))
    # Names follow from whole components. One in which no link differs has the names of now, so the stored rows serve.
    changed = {
        groups.find(name)
        for record_id, link in now.items()
        if link != then.get(record_id)
        for state in (now, then)
        if record_id in state
        for name in (state[record_id].ref, _token(state[record_id]))
    }
    refs = {link.ref for link in (*now.values(), *then.values()) if groups.find(link.ref) in changed}
    edges = [
        Edge(link.ref, link.token, link.known_from, link.known_to or FOREVER)
        for link in then.values()
        if link.joins and link.ref in refs
    ]
    return refs, edges


def _token(link: LinkVersion) -> str:
    return f"token {link.token}"


async def _take_away(connection: Connection) -> None:
    """Drop the views and temporary tables, since the transaction may continue; after a failure the rollback does it."""
    # A failed transaction refuses every further statement, and that second error would hide the first one.
    if connection.info.transaction_status.name == "INERROR":
        return
    tables = [table for table, _ in COPY_COLUMNS.values()]
    views = ", ".join(f"pg_temp.{name}" for name in (*tables, "person", "every_version"))
    made = ", ".join(
        f"pg_temp.{name}"
        for name in (*(f"closed_{table}" for table in tables), "closed_person", "late_record", "late_ref")
    )
    # Views first: PostgreSQL drops no table that a view reads.
    await connection.execute(f"DROP VIEW {views}".encode())
    await connection.execute(f"DROP TABLE {made}".encode())


def _schema(generation: int) -> sql.Identifier:
    return sql.Identifier(f"g{generation}")
