"""Filling the cells of a generation, and maintaining them after folding. Every function runs inside one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures.aggregates import places, statements


async def filled_by(connection: Connection) -> str | None:
    """Return the fingerprint of the program that filled the cells; None before that, "" while a filling is announced."""
    found = await (await connection.execute("SELECT coalesce(fingerprint, '') FROM covered")).fetchone()
    return None if found is None else str(found[0])


async def announce(connection: Connection) -> None:
    """Announce that the cells will be filled: from the next transaction on, folding marks the references it touches.

    The caller stops folding meanwhile (``generations.freeze``), so that no batch in flight goes unmarked. The present
    cells are not read from now on.
    """
    await connection.execute(
        "INSERT INTO covered (fingerprint) VALUES (NULL) ON CONFLICT (one) DO UPDATE SET fingerprint = NULL"
    )


async def fill(connection: Connection) -> None:
    """Compute all cells from all rows. The transaction is REPEATABLE READ; an earlier one has called ``announce``."""
    # Filling reads all rows there are, which takes longer than any question may.
    await connection.execute("SET LOCAL statement_timeout TO 0")
    await connection.execute("SET LOCAL work_mem TO '256MB'")
    # These joins are of millions of rows with few rows; a merge join sorts the millions, which took half the time.
    await connection.execute("SET LOCAL enable_mergejoin TO off")
    # Not TRUNCATE: readers would have to wait for it, and one with an older snapshot would find the tables empty.
    for table in ("cell", "repeated", "counted", "part", "dirty"):
        await connection.execute(f"DELETE FROM {table}".encode())
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY part (place, area_set, since, until) FROM STDIN") as copy,
    ):
        for part in places.parts():
            await copy.write_row(part)
    await _run(connection, statements.fill_contributions())
    # Without statistics of the new rows the next four statements get bad plans.
    for table in ("counted", "part"):
        await connection.execute(f"ANALYZE {table}".encode())
    # Counts and amounts separately: adding whole numbers is several times as fast.
    await _run(connection, statements.fill_cells("int"))
    await _run(connection, statements.fill_pairs("int"))
    await _run(connection, statements.fill_cells("numeric"))
    await _run(connection, statements.fill_pairs("numeric"))
    for table in ("cell", "repeated"):
        await connection.execute(f"ANALYZE {table}".encode())
    # Last, so that nobody reads cells that are not complete.
    await connection.execute("UPDATE covered SET fingerprint = %s", [statements.fingerprint()])


@dataclass(frozen=True, slots=True)
class Worked:
    """What one step of maintenance did: the number of references, and the seconds since the oldest of them was marked."""

    taken: int
    age_seconds: float


async def keep(connection: Connection, most: int) -> Worked:
    """Update the cells of at most ``most`` references that folding marked. The transaction is REPEATABLE READ.

    Two processes at the same time do no harm: the second one finds the marks deleted and is rolled back (SQLSTATE 40001).
    """
    ((refs, taken, age),) = await fetch(connection, statements.TAKE_MARKS.given(most=most))
    if refs:
        await _clear(
            connection, await fetch(connection, statements.work_in().given(refs="{" + ",".join(refs) + "}"))
        )
    return Worked(int(taken), float(age))


async def _clear(connection: Connection, gone: Sequence[tuple[str, list[int]]]) -> None:
    """Delete cells and pairs that are 0 now, so that filling and maintenance leave the same rows."""
    for table, statement, key in (
        ("cell", statements.CLEAR_CELLS, statements.CELL_KEY),
        ("repeated", statements.CLEAR_PAIRS, statements.PAIR_KEY),
    ):
        columns = zip(*(values for of, values in gone if of == table), strict=True)
        found = dict(zip(key.split(", "), map(list, columns), strict=False))
        if found:
            await _run(connection, statement.given(**found))


async def _run(connection: Connection, statement: Statement) -> None:
    await connection.execute(statement.text.encode(), statement.values)
