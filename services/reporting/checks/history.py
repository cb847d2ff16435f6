"""The log's own versions and links, read and projected afresh, for checks that must not trust the tables of figures."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import tuple_row

from services.reporting.checks.ledger import Ledger, ledger
from services.reporting.facts import (
    FOREVER,
    VERSION_COLUMNS,
    Connection,
    Edge,
    Known,
    project,
    stored_version,
)

_VERSIONS = f"SELECT {VERSION_COLUMNS} FROM version WHERE form = ANY(%(forms)s) AND recorded_at <= %(until)s"
_LINKS = "SELECT ref::text, token::text, known_from, known_to FROM link WHERE NOT withdrawn"


async def read_ledger(connection: Connection, forms: Sequence[str], known_at: datetime | None) -> Ledger:
    """What the versions of these forms amount to at an instant. Projected in a thread: other requests go on."""
    values = {"forms": list(forms), "until": known_at or FOREVER}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_VERSIONS, values)
        versions = await cursor.fetchall()
        await cursor.execute(_LINKS)
        edges = [Edge(*row) for row in await cursor.fetchall()]
    return await asyncio.to_thread(lambda: ledger(projected(versions), edges, known_at))


def projected(versions: Sequence[tuple[Any, ...]]) -> list[Known]:
    """The rows that stored versions make."""
    return project(stored_version(row) for row in versions)
