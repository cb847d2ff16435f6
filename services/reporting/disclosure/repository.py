"""Store and read releases. Rows are only added, never changed."""

from datetime import datetime
from typing import Any

import orjson
from psycopg.rows import tuple_row

from services.chassis.persistence import columns_of
from services.chassis.runtime import lock_key
from services.reporting.disclosure.grid import Window
from services.reporting.disclosure.release import Node, Release
from services.reporting.disclosure.tables import ReleaseTable
from services.reporting.facts import Connection

_COLUMNS = ", ".join(columns_of(ReleaseTable))
Stored = tuple[int, int, datetime, Release]
"""Id, edition number, the instant of record time that it was computed as known at, and the release."""


async def lock(connection: Connection, family: str) -> None:
    """Let one process at a time make releases of a family, until the connection is closed."""
    await connection.execute("SELECT pg_advisory_lock(%s)", (lock_key(f"release {family}"),))


async def current(connection: Connection, family: str, window: Window) -> tuple[int, int, datetime] | None:
    """Return id, edition number and ``known_at`` of the newest edition of a window; None where there is none."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT id, edition, known_at FROM disclosure_release WHERE family = %s AND period_to = %s"
            # A stock has no first day, and "=" never finds a missing one.
            " AND period_from IS NOT DISTINCT FROM %s ORDER BY edition DESC LIMIT 1",
            (family, window.last, window.first),
        )
        found = await cursor.fetchone()
    return None if found is None else (found[0], found[1], found[2])


async def load(connection: Connection, number: int) -> Stored:
    """Return a release by its id."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM disclosure_release WHERE id = %s".encode(), (number,))
        (row,) = await cursor.fetchall()
    return _stored(row)


async def newest(connection: Connection, family: str, window: Window, years: int) -> list[Release]:
    """Return the newest edition of every other window of the family that ends within so many years of this one's end."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            f"SELECT DISTINCT ON (period_from, period_to) {_COLUMNS} FROM disclosure_release WHERE family = %(family)s"
            " AND period_to BETWEEN %(last)s::date - %(days)s AND %(last)s::date + %(days)s"
            " AND NOT (period_to = %(last)s AND period_from IS NOT DISTINCT FROM %(first)s)"
            " ORDER BY period_from, period_to, edition DESC".encode(),
            {"family": family, "last": window.last, "first": window.first, "days": 366 * years},
        )
        return [_stored(row)[3] for row in await cursor.fetchall()]


async def save(connection: Connection, release: Release, edition: int, known_at: datetime) -> int:
    """Store a release and return its id."""
    document = {
        "nodes": [[node.key, node.row, node.parent, node.depth] for node in release.nodes.values()],
        "values": release.values,
        "marks": release.marks,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "INSERT INTO disclosure_release (family, period_from, period_to, edition, known_at, document)"
            " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            (
                release.family,
                release.window.first,
                release.window.last,
                edition,
                known_at,
                orjson.dumps(document).decode(),
            ),
        )
        (row,) = await cursor.fetchall()
    return int(row[0])


def _stored(row: tuple[Any, ...]) -> Stored:
    number, family, first, last, edition, known_at, document = row
    nodes = {key: Node(key, name, parent, depth) for key, name, parent, depth in document["nodes"]}
    # Marks are read back and never decided again: what readers were shown must not change.
    release = Release(family, Window(last, first), nodes, document["values"], document["marks"])
    return number, edition, known_at, release
