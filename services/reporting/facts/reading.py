"""Run SQL statements that only read."""

from typing import Any

from psycopg.rows import tuple_row

from services.chassis.persistence import Statement
from services.reporting.facts.repository import Connection


async def fetch(connection: Connection, statement: Statement) -> list[tuple[Any, ...]]:
    """Return all rows of a statement, in its order."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement.text.encode(), statement.values)
        return await cursor.fetchall()
