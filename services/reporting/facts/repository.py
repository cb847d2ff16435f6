"""Reading and writing a generation's tables: one query per need, whole batches at a time, rows by COPY."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from contracts.record_time import FOREVER
from services.chassis.persistence import copy_texts
from services.reporting.facts.messages import LinkVersion, reread
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
_LOAD_GROUPS = (
    f"SELECT {VERSION_COLUMNS} FROM version"
    " WHERE record_id IN (SELECT record_id FROM version WHERE grp = ANY(%s))"
    " AND NOT record_id = ANY(%s::uuid[])"
)
_KEEP_VERSION = (
    f"INSERT INTO version_replaced ({', '.join(_VERSION)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::json)"
    " ON CONFLICT (event_id) DO NOTHING RETURNING event_id"
)
_LINK = ("record_id", "sequence", "event_id", "ref", "token", "basis", "known_from", "known_to", "withdrawn")
LINK_COLUMNS = ", ".join(f"{name}::text" if name in ("record_id", "ref", "token") else name for name in _LINK)
"""What a statement selects of a link table for `stored_link`."""
_KEEP_LINK = (
    f"INSERT INTO link_replaced ({', '.join(_LINK)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (event_id) DO NOTHING RETURNING event_id"
)


async def use_generation(connection: Connection, number: int) -> None:
    """Let unqualified names be those of the generation, to the end of the transaction."""
    await connection.execute(
        sql.SQL("SET LOCAL search_path TO {}, public").format(sql.Identifier(f"g{number}"))
    )


async def lock(connection: Connection, names: Collection[str]) -> None:
    """Wait until no other transaction holds any of the names; held until the end of this one."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 138)) FROM unnest(%s::text[]) name",
        # Always in one order: two batches that want the same two locks would otherwise wait for each other.
        [sorted(names)],
    )


async def versions_of(connection: Connection, record_ids: Collection[str]) -> list[Version]:
    """Return the stored versions of the records."""
    return await _versions(connection, _LOAD_RECORDS, [_ids(record_ids)])


async def versions_beside(
    connection: Connection, groups: Collection[str], record_ids: Collection[str]
) -> list[Version]:
    """Return the stored versions of all other records of the groups."""
    return await _versions(connection, _LOAD_GROUPS, [list(groups), _ids(record_ids)])


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
    # Rows are written by COPY, which cannot replace: what has the same key must go first.
    if replaced:
        await connection.execute(
            "DELETE FROM version WHERE (record_id, sequence) IN (SELECT * FROM unnest(%s::uuid[], %s::bigint[]))",
            [[record_id for record_id, _ in replaced], [sequence for _, sequence in replaced]],
        )
    await copy_texts(connection, "version", _VERSION, (_version_cells(version) for version in versions))


def _version_cells(v: Version) -> tuple[Any, ...]:
    return v.record_id, v.sequence, v.event_id, v.form, v.recorded_at, v.occurred_on, v.unit, v.group, v.text


async def keep_replaced(
    connection: Connection, lost: Sequence[Version | LinkVersion]
) -> list[Version | LinkVersion]:
    """Store versions that another event replaced, once each; those that were not there yet."""
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
    """Write rows of records; of the records in ``stored`` everything that is there goes first."""
    by_kind: dict[type[ProjectedRow], list[tuple[Any, ...]]] = {}
    for row, record_id, known_from, known_to in rows:
        by_kind.setdefault(type(row), []).append((record_id, known_from, known_to, *row))
    if stored:
        for table in _TABLES.values():
            await connection.execute(
                sql.SQL("DELETE FROM {} WHERE record_id = ANY(%s::uuid[])").format(sql.Identifier(table)),
                [_ids(stored)],
            )
    for kind, cells in by_kind.items():
        await copy_texts(connection, *COPY_COLUMNS[kind], cells)


async def links_of(connection: Connection, record_ids: Collection[str]) -> dict[str, LinkVersion]:
    """Return the stored links with these ids."""
    found = await _links(connection, "record_id = ANY(%s::uuid[])", [list(record_ids)])
    return {link.record_id: link for link in found}


async def save_links(connection: Connection, links: Sequence[LinkVersion]) -> None:
    """Store links, in place of what is there."""
    await connection.execute(
        "DELETE FROM link WHERE record_id = ANY(%s::uuid[])", [[v.record_id for v in links]]
    )
    await copy_texts(connection, "link", _LINK, (_link_cells(link) for link in links))


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
    """Return every link, of any time, that hangs together with these references and tokens."""
    found: dict[str, LinkVersion] = {}
    refs, tokens = set(refs), set(tokens)
    new_refs, new_tokens = set(refs), set(tokens)
    # Each round reaches one link further; a chain of links must be seen whole, or a person gets two names.
    while new_refs or new_tokens:
        reached = await _links(
            connection,
            "NOT withdrawn AND (ref = ANY(%s::uuid[]) OR token = ANY(%s::uuid[]))",
            [list(new_refs), list(new_tokens)],
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
    """Return the link that a row of `LINK_COLUMNS` holds; a link is recorded when it is known from."""
    record_id, sequence, event_id, ref, token, basis, known_from, known_to, withdrawn = row[: len(_LINK)]
    return LinkVersion(
        record_id, sequence, event_id, ref, token, basis, known_from, known_to, known_from, withdrawn
    )


async def replace_persons(connection: Connection, refs: Collection[str], rows: Sequence[PersonRow]) -> None:
    """Write who goes by which name; what is there about ``refs`` goes first."""
    await connection.execute("DELETE FROM person WHERE ref = ANY(%s::uuid[])", [list(refs)])
    await copy_texts(connection, "person", PersonRow._fields, rows)


async def mark(connection: Connection, refs: Collection[str]) -> None:
    """Note whose rows changed, for the cells. Nothing is noted in a generation whose cells are yet to be filled."""
    await connection.execute(
        "INSERT INTO dirty (ref) SELECT unnest(%s::uuid[]) WHERE EXISTS (SELECT FROM covered)", [_ids(refs)]
    )


async def move_watermark(connection: Connection, first: Any, last: Any, versions: int) -> None:
    """Say that more is in the generation now. ``first``/``last``: earliest and latest record time of it."""
    await connection.execute(
        "INSERT INTO watermark AS w (one, first_recorded_at, last_recorded_at, versions, changes)"
        " VALUES (true, %s, %s, %s, 1) ON CONFLICT (one) DO UPDATE SET"
        " first_recorded_at = least(w.first_recorded_at, excluded.first_recorded_at),"
        " last_recorded_at = greatest(w.last_recorded_at, excluded.last_recorded_at),"
        " versions = w.versions + excluded.versions, changes = w.changes + 1",
        [first, last, versions],
    )


def _ids(record_ids: Iterable[str]) -> str:
    """Ids as an array literal: they are ids and nothing else (`messages.read`), so there is nothing to escape."""
    return "{" + ",".join(record_ids) + "}"
