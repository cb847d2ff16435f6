"""The shape of a generation: its tables, columns and indexes, and a hash of them that is stored with it.

The shape of a generation is never migrated (ADR 0016). A program whose shape differs from that of the live
generation asks for a rebuild. Until that is done it goes on with the tables that it finds, as far as they fit.
"""

from collections.abc import Collection
from functools import lru_cache
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from sqlalchemy import Column
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from services.reporting.facts.tables import AGGREGATES, FOLD_INDEXES, GENERATION, MARKS, QUESTION_INDEXES

Connection = psycopg.AsyncConnection[Any]
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

MAINTAINED = frozenset({table.name for table in (*AGGREGATES, *MARKS)})
"""The tables that keeping aggregates current writes."""
FOLDED = frozenset(GENERATION.tables) - {table.name for table in AGGREGATES}
"""The tables that folding writes."""

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT a.atthasdef
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""


def ddl(*, questions: bool) -> list[str]:
    """Return the statements that make the tables of a generation in the current schema.

    With ``questions`` the indexes that only questions need are made too; a rebuild makes them last.
    """
    statements = []
    for table in GENERATION.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=_DIALECT)))
        statements += [str(CreateIndex(index).compile(dialect=_DIALECT)) for index in table.indexes]
    return [*statements, *FOLD_INDEXES, *(QUESTION_INDEXES if questions else ())]


@lru_cache(maxsize=1)
def shape() -> str:
    """Return the hash of the shape that this program gives to a generation: SHA-256, hexadecimal.

    The order of the statements and the white space in them do not change the hash.
    """
    statements = sorted(" ".join(statement.split()) for statement in ddl(questions=True))
    return sha256("\n".join(statements).encode()).hexdigest()


async def fits(connection: Connection, number: int, tables: Collection[str]) -> bool:
    """Return whether this program can write these tables of a generation.

    It can where every declared column exists with its declared type, and every other column may be left empty.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COLUMNS.encode(), [f"g{number}", list(tables)])
        found = {(table, name): (kind, needed) for table, name, kind, needed in await cursor.fetchall()}
    declared = {(name, column.name): column for name in tables for column in GENERATION.tables[name].columns}
    typed = all(
        # A column that this program may leave blank must not be required there, or its first blank would stop the fold.
        at in found and found[at][0] == _type(column) and not (column.nullable and found[at][1])
        for at, column in declared.items()
    )
    return typed and not any(needed for at, (_, needed) in found.items() if at not in declared)


def _type(column: Column[Any]) -> str:
    """Return a column's type as PostgreSQL writes it, without its collation."""
    return str(column.type.compile(dialect=_DIALECT)).partition(" COLLATE ")[0].lower()
