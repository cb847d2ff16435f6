"""All SQL of the register engine: set-based, a fixed number of statements per batch whatever its size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import orjson
from psycopg.types.json import Jsonb

from services.chassis.persistence import AsyncSession, raw
from services.registers.decide import Digest, State

Place = tuple[str, str]
"""(unit, key) of a record within its form."""

_BUCKETS = 64  # advisory locks per form: a file of all units must not exhaust the server's lock table
_VERSION = "sequence, content, identity, digest, recorded_at, given, own_day, area, voided, handed_in_at, handed_in_by"
_VERSION_TYPES = (
    "int8",
    "jsonb",
    "bytea",
    "bytea",
    "timestamptz",
    "timestamptz",
    "date",
    "text",
    "bool",
    "timestamptz",
    "text",
)


@dataclass(frozen=True, slots=True)
class Head:
    """A stored record and its state."""

    record_id: UUID
    person_ref: UUID | None
    area: str | None
    state: State


@dataclass(frozen=True, slots=True)
class Version:
    """One hand-in of a record, ready to be written. ``identity`` is encrypted."""

    record_id: UUID
    state: State
    identity: bytes | None
    area: str | None
    handed_in_at: datetime
    handed_in_by: str

    def columns(self) -> tuple[Any, ...]:
        """The values of the version columns, in order."""
        state = self.state
        return (
            state.sequence,
            Jsonb(state.content, orjson.dumps),
            self.identity,
            state.digest.joined,
            state.recorded_at,
            state.given,
            state.own_day,
            self.area,
            state.voided,
            self.handed_in_at,
            self.handed_in_by,
        )


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that did not exist before."""

    form: str
    unit: str
    key: str
    person_ref: UUID | None
    version: Version


async def lock(session: AsyncSession, form: str, units: Iterable[str]) -> None:
    """Let no other transaction write these units' rows of the form until this one ends."""
    wanted = sorted({crc32(f"{form}\x1f{unit}".encode()) % _BUCKETS for unit in units})
    connection = await raw(session)
    await connection.execute(
        "SELECT pg_advisory_xact_lock(%s, bucket) FROM (SELECT unnest(%s::int[]) AS bucket ORDER BY 1) AS wanted",
        (crc32(form.encode()) & 0x7FFFFFFF, wanted),
    )


async def heads(session: AsyncSession, form: str, places: Sequence[Place]) -> dict[Place, Head]:
    """The stored records at these places, by one statement (a key look-up each, whatever the statistics say)."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT wanted.unit, wanted.key, found.* FROM unnest(%s::text[], %s::text[]) AS wanted (unit, key)"
            " CROSS JOIN LATERAL (SELECT record_id, person_ref, area, sequence, digest, content::text,"
            " recorded_at, given, own_day, voided FROM record"
            " WHERE form = %s AND record.unit = wanted.unit AND record.key = wanted.key LIMIT 1) AS found",
            ([unit for unit, _ in places], [key for _, key in places], form),
        )
        rows = await cursor.fetchall()
    return {(row[0], row[1]): Head(row[2], row[3], row[4], _state(*row[5:])) for row in rows}


async def histories(session: AsyncSession, records: Sequence[UUID]) -> dict[UUID, list[State]]:
    """The replaced hand-ins of these records, oldest first."""
    found: dict[UUID, list[State]] = {}
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT record_id, sequence, digest, content::text, recorded_at, given, own_day, voided"
            " FROM record_version WHERE record_id = ANY(%s) ORDER BY record_id, sequence",
            (list(records),),
        )
        for row in await cursor.fetchall():
            found.setdefault(row[0], []).append(_state(*row[1:]))
    return found


def _state(
    sequence: int,
    digest: bytes,
    content: str,
    recorded_at: datetime,
    given: datetime | None,
    own_day: Any,
    voided: bool,
) -> State:
    return State(sequence, Digest.split(digest), orjson.loads(content), recorded_at, given, own_day, voided)


async def person_refs(session: AsyncSession, form: str, numbers: Sequence[Place]) -> dict[Place, UUID]:
    """The references that already exist for (unit, number)."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT wanted.unit, wanted.number, found.ref"
        " FROM unnest(%s::text[], %s::text[]) AS wanted (unit, number)"
        " CROSS JOIN LATERAL (SELECT ref FROM person_ref WHERE form = %s AND person_ref.unit = wanted.unit"
        " AND person_ref.number = wanted.number LIMIT 1) AS found",
        ([unit for unit, _ in numbers], [number for _, number in numbers], form),
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


async def add_person_refs(session: AsyncSession, form: str, refs: dict[Place, UUID]) -> None:
    """Add references, by COPY."""
    rows = [(form, unit, number, ref) for (unit, number), ref in refs.items()]
    await _copy(session, "person_ref (form, unit, number, ref)", ("text", "text", "text", "uuid"), rows)


async def add_records(session: AsyncSession, records: Sequence[NewRecord]) -> None:
    """Add new records, by COPY."""
    rows = [
        (
            record.version.record_id,
            record.form,
            record.unit,
            record.key,
            record.person_ref,
            *record.version.columns(),
        )
        for record in records
    ]
    types = ("uuid", "text", "text", "text", "uuid", *_VERSION_TYPES)
    await _copy(session, f"record (record_id, form, unit, key, person_ref, {_VERSION})", types, rows)


async def add_versions(session: AsyncSession, versions: Sequence[Version]) -> None:
    """Add hand-ins that were replaced within their own batch, by COPY."""
    rows = [(version.record_id, *version.columns()) for version in versions]
    await _copy(session, f"record_version (record_id, {_VERSION})", ("uuid", *_VERSION_TYPES), rows)


async def replace_records(session: AsyncSession, changed: Sequence[tuple[int, Version]]) -> None:
    """Put these versions in force, each in place of the one with the sequence beside it, which goes to the history.

    A version without identity (a withdrawal) keeps the identity that is stored.
    """
    if not changed:
        return
    connection = await raw(session)
    await connection.execute(
        f"INSERT INTO record_version (record_id, {_VERSION})"
        f" SELECT record_id, {_VERSION} FROM record WHERE record_id = ANY(%s)",
        ([version.record_id for _, version in changed],),
    )
    rows = [(version.record_id, was, *version.columns()) for was, version in changed]
    columns = [list(column) for column in zip(*rows, strict=True)]
    casts = ", ".join(f"%s::{kind}[]" for kind in ("uuid", "int8", *_VERSION_TYPES))
    cursor = await connection.execute(
        "UPDATE record SET sequence = fresh.sequence, content = fresh.content,"
        " identity = coalesce(fresh.identity, record.identity), digest = fresh.digest,"
        " recorded_at = fresh.recorded_at, given = fresh.given, own_day = fresh.own_day, area = fresh.area,"
        " voided = fresh.voided, handed_in_at = fresh.handed_in_at, handed_in_by = fresh.handed_in_by"
        f" FROM unnest({casts}) AS fresh (record_id, was, {_VERSION})"
        " WHERE record.record_id = fresh.record_id AND record.sequence = fresh.was",
        columns,
    )
    if cursor.rowcount != len(changed):
        raise RuntimeError("a record was changed by somebody else in spite of the lock")


async def _copy(
    session: AsyncSession, target: str, types: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    connection = await raw(session)
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)
