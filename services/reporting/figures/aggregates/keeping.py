"""Filling the cells of a generation, and working in what was folded since. Every function is for one transaction."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from services.reporting.figures.aggregates import places, statements

Connection = psycopg.AsyncConnection[Any]
_PIECE = "series, holder, place, since, until, n"
_TAKEN = "INSERT INTO {table} AS kept ({key}, n) SELECT {key}, n FROM ({query}) added"
_ADDED = " ON CONFLICT ({key}) DO UPDATE SET n = kept.n + excluded.n RETURNING {key}, kept.n"
_KEYS = {"cell": "series, block, node, slot", "repeated": "series, earlier_block, node, earlier, block, slot"}
_KEY_TYPES = {
    "cell": ("smallint", "int", "bigint", "int"),
    "repeated": ("smallint", "int", "bigint", "int", "int", "int"),
}
_QUERIES = {"cell": statements.cells, "repeated": statements.repeats}


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Says whether cells were filled by the definitions and the areas of this program."""
    text = statements.pieces(statements.ALL) + statements.additions("piece")
    return sha256(
        (text + statements.cells() + statements.repeats() + places.fingerprint()).encode()
    ).hexdigest()


async def filled_by(connection: Connection) -> str | None:
    """The fingerprint of the program that filled the cells; None while nobody has, "" while somebody is about to."""
    found = await (await connection.execute("SELECT coalesce(fingerprint, '') FROM covered")).fetchone()
    return None if found is None else str(found[0])


async def announce(connection: Connection) -> None:
    """Say that the cells will be filled: from the next transaction on, folding marks what it touches.

    The caller holds folding up meanwhile (``generations.freeze``), so that no batch in flight goes unmarked. Cells
    that are there are good for nothing from now on.
    """
    await connection.execute(
        "INSERT INTO covered (fingerprint) VALUES (NULL) ON CONFLICT (one) DO UPDATE SET fingerprint = NULL"
    )


async def fill(connection: Connection) -> None:
    """Work out all cells anew from all rows. The transaction is REPEATABLE READ; ``announce`` came before it."""
    await connection.execute("SET LOCAL statement_timeout TO 0")
    await connection.execute("SET LOCAL work_mem TO '256MB'")
    # Joins here are of millions of rows with few: sorting the millions for them was seen to take half the time.
    await connection.execute("SET LOCAL enable_mergejoin TO off")
    for table in ("cell", "repeated", "counted", "part", "dirty"):
        await connection.execute(f"DELETE FROM {table}".encode())
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY part (place, node, since, until) FROM STDIN") as copy,
    ):
        for part in places.parts():
            await copy.write_row(part)
    await connection.execute(
        f"INSERT INTO counted ({_PIECE}) WITH {statements.of_all()}, {statements.pieces(statements.ALL)}"
        f" SELECT {_PIECE} FROM fresh".encode()
    )
    for table in ("counted", "part"):
        await connection.execute(f"ANALYZE {table}".encode())
    amounts = statements.numbers([found for found in statements.ALL if found.definition.count == "sum"])
    for number, which in (("int", f"NOT series = ANY({amounts})"), ("numeric", f"series = ANY({amounts})")):
        piece = (
            f"SELECT 1 AS sign, series, holder, place, since, until, n::{number} FROM counted WHERE {which}"
        )
        additions = statements.additions("piece", number)
        for table, key in _KEYS.items():
            # In the order of the key, so that the index grows at its end.
            query = f"WITH piece AS NOT MATERIALIZED ({piece}), {additions} {_QUERIES[table](number)} ORDER BY {key}"
            await connection.execute(_TAKEN.format(table=table, key=key, query=query).encode())
    for table in ("cell", "repeated"):
        await connection.execute(f"ANALYZE {table}".encode())
    await connection.execute("UPDATE covered SET fingerprint = %s", [fingerprint()])


@dataclass(frozen=True, slots=True)
class Worked:
    """What one step of keeping cells current did: references taken, seconds since the oldest of them was marked."""

    taken: int
    age_seconds: float


async def keep(connection: Connection, most: int) -> Worked:
    """Work in the references that folding marked, ``most`` of them. The transaction is REPEATABLE READ.

    Two processes at once disturb nothing: the second finds the marks gone and is rolled back (SQLSTATE 40001).
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "WITH taken AS (DELETE FROM dirty WHERE ctid = ANY(ARRAY(SELECT ctid FROM dirty LIMIT %s))"
            " RETURNING ref, at) SELECT array_agg(DISTINCT ref::text), count(*),"
            " coalesce(extract(epoch FROM now() - min(at)), 0) FROM taken",
            [most],
        )
        found = await cursor.fetchone()
        assert found is not None
        refs, taken, age = found
        if refs:
            await cursor.execute(_step().encode(), {"refs": "{" + ",".join(refs) + "}"})
            await _clear(cursor, await cursor.fetchall())
    return Worked(int(taken), float(age))


async def _clear(cursor: psycopg.AsyncCursor[Any], gone: list[tuple[str, list[int]]]) -> None:
    """Remove the cells that are back at nothing, so that cells are the same however they came about."""
    for table, types in _KEY_TYPES.items():
        keys = [key for of, key in gone if of == table]
        if keys:
            unnested = ", ".join(f"%s::{name}[]" for name in types)
            await cursor.execute(
                f"DELETE FROM {table} WHERE n = 0 AND ({_KEYS[table]}) IN (SELECT * FROM unnest({unnested}))".encode(),
                [list(column) for column in zip(*keys, strict=True)],
            )


@lru_cache(maxsize=1)
def _step() -> str:
    """One statement: the pieces of the holders as counted so far go, those of now come, the cells get the difference."""
    nothing = [
        f"SELECT '{table}', ARRAY[{key}]::bigint[] FROM kept_{table} WHERE n = 0"
        for table, key in _KEYS.items()
    ]
    kept = [
        f"kept_{table} AS ({_TAKEN.format(table=table, key=key, query=_QUERIES[table]())}{_ADDED.format(key=key)})"
        for table, key in _KEYS.items()
    ]
    return (
        "WITH mark AS (SELECT unnest(%(refs)s::uuid[]) AS ref),"
        f" {statements.holders('mark')}, {statements.of_holders()}, {statements.pieces(statements.ALL)},"
        f" gone AS (DELETE FROM counted USING holders h WHERE counted.holder = h.holder RETURNING {_qualified()}),"
        f" come AS (INSERT INTO counted ({_PIECE}) SELECT {_PIECE} FROM fresh),"
        f" piece AS MATERIALIZED (SELECT -1 AS sign, {_PIECE} FROM gone UNION ALL SELECT 1, {_PIECE} FROM fresh),"
        f" {statements.additions('piece')}, {', '.join(kept)} {' UNION ALL '.join(nothing)}"
    )


def _qualified() -> str:
    return ", ".join(f"counted.{name}" for name in _PIECE.split(", "))
