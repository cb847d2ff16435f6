"""Reading and writing a generation's tables: one query per need, whole batches at a time, rows by COPY."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from contracts.record_time import FOREVER
from services.chassis.persistence import copy_encoded, copy_texts, encoders_of
from services.reporting.facts.messages import WAITING, LinkVersion, reread
from services.reporting.facts.projections.model import (
    DeclarationRow,
    Fact,
    Known,
    ProjectedRow,
    Spell,
    Statement,
    TargetRow,
    Version,
)
from services.reporting.facts.projections.persons import Edge, PersonRow
from services.reporting.facts.tables import GENERATION

Connection = psycopg.AsyncConnection[Any]

_TABLES: dict[type[ProjectedRow], str] = {
    Spell: "spell",
    Fact: "fact",
    Statement: "presence",
    TargetRow: "target",
    DeclarationRow: "declaration",
}
COPY_COLUMNS: dict[type[ProjectedRow], tuple[str, tuple[str, ...]]] = {
    kind: (table, ("record_id", "known_from", "known_to", *kind._fields)) for kind, table in _TABLES.items()
}
"""Of each kind of row: its table, and the columns in the order in which a row with its known interval is written."""
_VERSION = ("record_id", "sequence", "event_id", "form", "recorded_at", "occurred_on", "unit", "grp", "data")
VERSION_COLUMNS = ", ".join(f"{name}::text" if name in ("record_id", "data") else name for name in _VERSION)
"""What a statement selects of a version table for `stored_version`."""
_LOAD_RECORDS = f"SELECT {VERSION_COLUMNS} FROM version WHERE record_id = ANY(%s::uuid[])"
_MEMBERS = "SELECT DISTINCT record_id::text FROM version WHERE grp IS NOT NULL AND grp = ANY(%s)"
_KEEP_VERSION = (
    f"INSERT INTO version_replaced ({', '.join(_VERSION)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::json)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_LINK = ("record_id", "sequence", "event_id", "ref", "token", "basis", "known_from", "known_to", "withdrawn")
LINK_COLUMNS = ", ".join(f"{name}::text" if name in ("record_id", "ref", "token") else name for name in _LINK)
"""What a statement selects of a link table for `stored_link`."""
_KEEP_LINK = (
    f"INSERT INTO link_replaced ({', '.join(_LINK)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_WRITTEN = {
    "version": _VERSION,
    "link": _LINK,
    "person": PersonRow._fields,
    **dict(COPY_COLUMNS.values()),
}
# No two events have one id, and hardly two versions one timeline.
_ENCODERS = {
    table: encoders_of(GENERATION.tables[table], columns, different=("event_id", "grp"))
    for table, columns in _WRITTEN.items()
}


async def use_generation(connection: Connection, number: int) -> None:
    """Make table names without a schema mean the tables of the generation, until the transaction ends."""
    await connection.execute(_names_of(number))


def _names_of(number: int) -> sql.Composed:
    return sql.SQL("SET LOCAL search_path TO {}, public").format(sql.Identifier(f"g{number}"))


async def begin_fold(connection: Connection, number: int) -> None:
    """Make table names mean the tables of the generation and have all rows looked up by key, until the transaction ends.

    A batch touches few rows of tables that may be large. A table that has just been filled has no statistics yet, and the
    planner would rather read it from end to end: at 60,000 versions that was half of a rebuild's time in the database.
    """
    await connection.execute(
        sql.SQL("{}; SET LOCAL enable_seqscan TO off").format(_names_of(number)),
    )


async def lock(connection: Connection, names: Collection[str]) -> None:
    """Lock the names, waiting for other transactions that hold one of them; this transaction holds them until it ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 138)) FROM unnest(%s::text[]) name",
        # Always in the same order: two batches that need the same two locks could otherwise wait for each other for ever.
        [sorted(names)],
    )


async def versions_of(connection: Connection, record_ids: Collection[str]) -> list[Version]:
    """Return the stored versions of the records."""
    return await _versions(connection, _LOAD_RECORDS, [_ids(record_ids)])


async def versions_beside(
    connection: Connection, groups: Collection[str], record_ids: Collection[str]
) -> list[Version]:
    """Return the stored versions of all other records of the groups.

    Members first, then their versions: a statement that asks for both and leaves the batch's own records out is expected to
    find one row, whatever the size of the table, and was planned accordingly.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_MEMBERS, [list(groups)])
        members = {record_id for (record_id,) in await cursor.fetchall()}
    others = members.difference(record_ids)
    return await versions_of(connection, others) if others else []


async def _versions(connection: Connection, query: str, parameters: Sequence[Any]) -> list[Version]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), parameters)
        return [stored_version(row) for row in await cursor.fetchall()]


def stored_version(row: Sequence[Any]) -> Version:
    """Return the version that a row of `VERSION_COLUMNS` holds."""
    record_id, sequence, event_id, form, recorded_at, occurred_on, unit, group, text = row
    data = reread(form, text)
    return Version(record_id, sequence, event_id, form, recorded_at, occurred_on, unit, group, data, text)


async def add_versions(
    connection: Connection, versions: Sequence[Version], replaced: Collection[tuple[str, int]]
) -> None:
    """Store versions; those in ``replaced`` take the place of others with the same record and sequence."""
    # Rows are written by COPY, which cannot replace rows: those with the same key are deleted first.
    if replaced:
        await connection.execute(
            "DELETE FROM version WHERE (record_id, sequence) IN (SELECT * FROM unnest(%s::uuid[], %s::bigint[]))",
            [[record_id for record_id, _ in replaced], [sequence for _, sequence in replaced]],
        )
    await _write(connection, "version", map(_version_cells, versions))


def _version_cells(v: Version) -> tuple[Any, ...]:
    return v.record_id, v.sequence, v.event_id, v.form, v.recorded_at, v.occurred_on, v.unit, v.group, v.text


async def keep_replaced(
    connection: Connection, lost: Sequence[Version | LinkVersion]
) -> list[Version | LinkVersion]:
    """Store versions that another event replaced, each once; return those that were not stored before."""
    found = []
    async with connection.cursor(row_factory=tuple_row) as cursor:
        for event in lost:
            if isinstance(event, Version):
                await cursor.execute(_KEEP_VERSION.encode(), _version_cells(event))
            else:
                await cursor.execute(_KEEP_LINK.encode(), _link_cells(event))
            if await cursor.fetchone() is not None:
                found.append(event)
    return found


async def replace_rows(connection: Connection, stored: Collection[str], rows: Iterable[Known]) -> None:
    """Write rows of records, after deleting all present rows of the records in ``stored``."""
    by_kind: dict[type[ProjectedRow], list[tuple[Any, ...]]] = {}
    for row, record_id, known_from, known_to in rows:
        by_kind.setdefault(type(row), []).append((record_id, known_from, known_to, *row))
    if stored:
        # From every table: a correction may take away a row of a kind that the new version does not make.
        for table in _TABLES.values():
            await connection.execute(
                sql.SQL("DELETE FROM {} WHERE record_id = ANY(%s::uuid[])").format(sql.Identifier(table)),
                [_ids(stored)],
            )
    for kind, cells in by_kind.items():
        await _write(connection, COPY_COLUMNS[kind][0], cells)


async def links_of(connection: Connection, record_ids: Collection[str]) -> dict[str, LinkVersion]:
    """Return the stored links with these ids."""
    found = await _links(connection, "record_id = ANY(%s::uuid[])", [list(record_ids)])
    return {link.record_id: link for link in found}


async def save_links(connection: Connection, links: Sequence[LinkVersion]) -> None:
    """Store links; each replaces the stored version of the same link."""
    await connection.execute(
        "DELETE FROM link WHERE record_id = ANY(%s::uuid[])", [[v.record_id for v in links]]
    )
    await _write(connection, "link", map(_link_cells, links))


def _link_cells(link: LinkVersion) -> tuple[Any, ...]:
    return (
        link.record_id,
        link.sequence,
        link.event_id,
        link.ref,
        link.token,
        link.basis,
        link.known_from,
        link.known_to or FOREVER,
        link.withdrawn,
    )


async def edges_around(connection: Connection, refs: Collection[str], tokens: Collection[str]) -> list[Edge]:
    """Return every link, of any time, that is connected with these references and tokens, directly or by other links."""
    found: dict[str, LinkVersion] = {}
    refs, tokens = set(refs), set(tokens)
    new_refs, new_tokens = set(refs), set(tokens)
    # Each round finds the links one step further. Without the whole chain of links a person would get two names.
    while new_refs or new_tokens:
        reached = await _links(
            connection,
            "NOT withdrawn AND basis <> ALL(%s) AND (ref = ANY(%s::uuid[]) OR token = ANY(%s::uuid[]))",
            [sorted(WAITING), list(new_refs), list(new_tokens)],
        )
        found.update({link.record_id: link for link in reached})
        new_refs = {link.ref for link in reached} - refs
        new_tokens = {link.token for link in reached} - tokens
        refs |= new_refs
        tokens |= new_tokens
    return [Edge(link.ref, link.token, link.known_from, link.known_to or FOREVER) for link in found.values()]


async def _links(connection: Connection, where: str, parameters: Sequence[Any]) -> list[LinkVersion]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(f"SELECT {LINK_COLUMNS} FROM link WHERE {where}".encode(), parameters)
        return [stored_link(row) for row in await cursor.fetchall()]


def stored_link(row: Sequence[Any]) -> LinkVersion:
    """Return the link that a row of `LINK_COLUMNS` holds; its ``known_from`` is the record time of its event."""
    record_id, sequence, event_id, ref, token, basis, known_from, known_to, withdrawn = row[: len(_LINK)]
    return LinkVersion(
        record_id, sequence, event_id, ref, token, basis, known_from, known_to, known_from, withdrawn
    )


async def replace_persons(connection: Connection, refs: Collection[str], rows: Sequence[PersonRow]) -> None:
    """Write which reference is named by which other one, after deleting the present rows of ``refs``."""
    await connection.execute("DELETE FROM person WHERE ref = ANY(%s::uuid[])", [list(refs)])
    await _write(connection, "person", rows)


async def mark(connection: Connection, refs: Collection[str]) -> None:
    """Mark references whose rows changed, so that the cells are updated for them.

    Nothing is marked in a generation whose cells have not been filled yet.
    """
    await connection.execute(
        "INSERT INTO dirty (ref) SELECT unnest(%s::uuid[]) WHERE EXISTS (SELECT FROM covered)", [_ids(refs)]
    )


async def move_watermark(connection: Connection, first: Any, last: Any, versions: int) -> None:
    """Move the watermark after a batch. ``first`` and ``last``: earliest and latest record time in the batch."""
    await connection.execute(
        "INSERT INTO watermark AS w (one, first_recorded_at, last_recorded_at, versions, changes)"
        " VALUES (true, %s, %s, %s, 1) ON CONFLICT (one) DO UPDATE SET"
        " first_recorded_at = least(w.first_recorded_at, excluded.first_recorded_at),"
        " last_recorded_at = greatest(w.last_recorded_at, excluded.last_recorded_at),"
        " versions = w.versions + excluded.versions, changes = w.changes + 1",
        [first, last, versions],
    )


async def _write(connection: Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows to a table of the generation, their values in the order of `_WRITTEN`."""
    encoders = _ENCODERS[table]
    if encoders is None:
        # Amounts are texts; targets and declarations are few.
        await copy_texts(connection, table, _WRITTEN[table], rows)
    else:
        await copy_encoded(connection, table, encoders, rows)


def _ids(record_ids: Iterable[str]) -> str:
    """Return ids as an array literal of PostgreSQL. `messages.read` checked that they are ids: nothing needs escaping."""
    return "{" + ",".join(record_ids) + "}"
