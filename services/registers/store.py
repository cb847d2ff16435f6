"""All SQL of the register engine: set-based, a fixed number of statements per batch whatever its size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import orjson
from psycopg.types.json import Jsonb

from services.chassis.persistence import AsyncSession, copy_rows, raw
from services.registers.states import Digest, State

Place = tuple[str, str]
"""(unit, key) of a record within its form."""

_BUCKETS = 64  # advisory locks per form: a file of all units must not exhaust the server's lock table
_VERSION: Mapping[str, str] = {
    "sequence": "int8",
    "content": "jsonb",
    "identity": "bytea",
    "digest": "bytea",
    "recorded_at": "timestamptz",
    "given": "timestamptz",
    "own_day": "date",
    "area": "text",
    "voided": "bool",
    "handed_in_at": "timestamptz",
    "handed_in_by": "text",
}
"""The columns that a record and each of its replaced versions have, with their types."""
_READ = (
    "record_id, area, identity, handed_in_at, handed_in_by,"
    " sequence, digest, content::text, recorded_at, given, own_day, voided"
)
_RECORD = {
    "record_id": "uuid",
    "form": "text",
    "unit": "text",
    "key": "text",
    "person_ref": "uuid",
    **_VERSION,
}
_REPLACED = {"record_id": "uuid", **_VERSION}
_KEEP = (
    f"INSERT INTO record_version ({', '.join(_REPLACED)}) SELECT {', '.join(_REPLACED)} FROM record"
    " WHERE record_id = ANY(%s)"
)
_GIVEN = {"record_id": "uuid", "was": "int8", **_VERSION}
_FRESH = {name: f"fresh.{name}" for name in _VERSION} | {
    "identity": "coalesce(fresh.identity, record.identity)"
}
_PUT_IN_FORCE = (
    f"UPDATE record SET {', '.join(f'{name} = {value}' for name, value in _FRESH.items())}"
    f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in _GIVEN.values())}) AS fresh ({', '.join(_GIVEN)})"
    " WHERE record.record_id = fresh.record_id AND record.sequence = fresh.was"
)
# The first record from its place on, which only the index by key answers. Of three equal columns, statistics from before a
# form's first rows make PostgreSQL read the whole form for each place: a file of thousands of new records takes seconds more.
_AT = (
    " FROM unnest(%s::text[], %s::text[]) AS wanted (unit, key)"
    " CROSS JOIN LATERAL (SELECT * FROM record WHERE (form, unit, key) >= (%s, wanted.unit, wanted.key)"
    " ORDER BY form, unit, key LIMIT 1) AS found"
    " WHERE (found.form, found.unit, found.key) = (%s, wanted.unit, wanted.key)"
)
_REASON = {"record_id": "uuid", "sequence": "int8", "reason": "text", "note": "bytea"}
_PERSON_REF = {"form": "text", "unit": "text", "number": "text", "ref": "uuid"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record, as it is stored. ``identity`` is encrypted."""

    record_id: UUID
    state: State
    identity: bytes | None
    area: str | None
    handed_in_at: datetime
    handed_in_by: str

    def columns(self) -> tuple[Any, ...]:
        """Return the values of the version columns, in order."""
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
class Head:
    """A stored record and the version that stands."""

    record_id: UUID
    person_ref: UUID | None
    version: Version

    @property
    def state(self) -> State:
        """Return what the record says."""
        return self.version.state

    @property
    def identity(self) -> bytes | None:
        """Return who it is about, encrypted; None where the form has no persons."""
        return self.version.identity


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored record, and where it stands: form, unit, key."""

    form: str
    unit: str
    key: str
    head: Head


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that did not exist before."""

    form: str
    unit: str
    key: str
    person_ref: UUID | None
    version: Version


async def lock(session: AsyncSession, form: str, units: Iterable[str]) -> None:
    """Lock these units' rows of the form: no other transaction writes them until this one ends."""
    # In a fixed order: two batches that share units could otherwise deadlock.
    wanted = sorted({crc32(f"{form}\x1f{unit}".encode()) % _BUCKETS for unit in units})
    connection = await raw(session)
    await connection.execute(
        "SELECT pg_advisory_xact_lock(%s, bucket) FROM (SELECT unnest(%s::int[]) AS bucket ORDER BY 1) AS wanted",
        (crc32(form.encode()) & 0x7FFFFFFF, wanted),
    )


async def heads(session: AsyncSession, form: str, places: Sequence[Place]) -> dict[Place, Head]:
    """Return the stored records at these places, by one statement (index look-ups, whatever the statistics are)."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        # Planned each time: a plan from when the table had a few rows would go on reading all of them.
        await cursor.execute(
            f"SELECT wanted.unit, wanted.key, person_ref, {_READ}{_AT}".encode(),
            _at(form, places),
            prepare=False,
        )
        rows = await cursor.fetchall()
    return {(row[0], row[1]): Head(row[3], row[2], _version(*row[3:])) for row in rows}


async def own_days(session: AsyncSession, form: str, places: Sequence[Place]) -> dict[Place, date]:
    """Return the own dates of the stored records at these places, by one statement."""
    connection = await raw(session)
    cursor = await connection.execute(
        f"SELECT wanted.unit, wanted.key, own_day{_AT}".encode(), _at(form, places), prepare=False
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


def _at(form: str, places: Sequence[Place]) -> tuple[object, ...]:
    """Return the values of `_AT`."""
    return [unit for unit, _ in places], [key for _, key in places], form, form


async def at_address(session: AsyncSession, record: UUID) -> Stored | None:
    """Return the record with this id; None where there is none."""
    found = await _stored(session, "record_id = %s", record)
    return found[0] if found else None


async def at_addresses(session: AsyncSession, records: Sequence[UUID]) -> list[Stored]:
    """Return the records with these ids, in no certain order."""
    return await _stored(session, "record_id = ANY(%s)", list(records))


async def of_person(session: AsyncSession, person: UUID) -> list[Stored]:
    """Return the records of the person of a number, in the order of their own dates."""
    return await _stored(session, "person_ref = %s ORDER BY own_day, record_id", person)


async def _stored(session: AsyncSession, which: str, value: UUID | list[UUID]) -> list[Stored]:
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            f"SELECT form, unit, key, person_ref, {_READ} FROM record WHERE {which}".encode(), (value,)
        )
        return [
            Stored(row[0], row[1], row[2], Head(row[4], row[3], _version(*row[4:])))
            for row in await cursor.fetchall()
        ]


async def histories(session: AsyncSession, records: Sequence[UUID]) -> dict[UUID, list[Version]]:
    """Return the replaced versions of these records, oldest first."""
    found: dict[UUID, list[Version]] = {}
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            f"SELECT {_READ} FROM record_version WHERE record_id = ANY(%s) ORDER BY record_id, sequence",
            (list(records),),
        )
        for row in await cursor.fetchall():
            found.setdefault(row[0], []).append(_version(*row))
    return found


async def identities(
    session: AsyncSession, records: Sequence[UUID], persons: Sequence[UUID]
) -> list[tuple[UUID, UUID | None, bytes]]:
    """Return the encrypted identity of every version of these records and of these persons' records, by one statement.

    Each with the ids of its record and of its person.
    """
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "WITH asked AS (SELECT record_id, person_ref, identity FROM record WHERE record_id = ANY(%(records)s)"
            " UNION SELECT record_id, person_ref, identity FROM record WHERE person_ref = ANY(%(persons)s))"
            " SELECT record_id, person_ref, identity FROM asked WHERE identity IS NOT NULL"
            " UNION ALL SELECT before.record_id, asked.person_ref, before.identity FROM asked"
            " JOIN record_version AS before USING (record_id) WHERE before.identity IS NOT NULL",
            {"records": list(records), "persons": list(persons)},
        )
        return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


def _version(
    record_id: UUID,
    area: str | None,
    identity: bytes | None,
    handed_in_at: datetime,
    handed_in_by: str,
    sequence: int,
    digest: bytes,
    content: str,
    *times: Any,
) -> Version:
    state = State(sequence, Digest.split(digest), orjson.loads(content), *times)
    return Version(record_id, state, identity, area, handed_in_at, handed_in_by)


async def person_refs(session: AsyncSession, form: str, numbers: Sequence[Place]) -> dict[Place, UUID]:
    """Return the references that already exist for (unit, number)."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT wanted.unit, wanted.number, found.ref"
        " FROM unnest(%s::text[], %s::text[]) AS wanted (unit, number)"
        " CROSS JOIN LATERAL (SELECT ref FROM person_ref WHERE form = %s AND person_ref.unit = wanted.unit"
        " AND person_ref.number = wanted.number LIMIT 1) AS found",
        ([unit for unit, _ in numbers], [number for _, number in numbers], form),
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


async def contents_of_persons(
    session: AsyncSession, form: str, numbers: Sequence[Place]
) -> list[tuple[Place, dict[str, Any]]]:
    """Return what the records of these (unit, number) say outside identity, of those that are not withdrawn."""
    if not numbers:
        return []
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT wanted.unit, wanted.number, record.content FROM unnest(%s::text[], %s::text[]) AS wanted (unit, number)"
        " JOIN person_ref ON person_ref.form = %s AND person_ref.unit = wanted.unit"
        " AND person_ref.number = wanted.number"
        " JOIN record ON record.person_ref = person_ref.ref AND NOT record.voided",
        ([unit for unit, _ in numbers], [number for _, number in numbers], form),
    )
    return [((unit, number), content) for unit, number, content in await cursor.fetchall()]


async def standing_of(session: AsyncSession, refs: Sequence[UUID]) -> dict[UUID, Version]:
    """Return the latest record of each person by the record's own day, of those that are not withdrawn."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT wanted.ref, found.* FROM unnest(%s::uuid[]) AS wanted (ref)"
            f" CROSS JOIN LATERAL (SELECT {_READ} FROM record WHERE person_ref = wanted.ref AND NOT voided"
            " ORDER BY own_day DESC, record_id LIMIT 1) AS found",
            (list(refs),),
        )
        return {row[0]: _version(*row[1:]) for row in await cursor.fetchall()}


async def add_person_refs(session: AsyncSession, form: str, refs: dict[Place, UUID]) -> None:
    """Add references, by COPY."""
    if refs:
        rows = [(form, unit, number, ref) for (unit, number), ref in refs.items()]
        await copy_rows(await raw(session), "person_ref", _PERSON_REF, rows)


async def add_records(session: AsyncSession, records: Sequence[NewRecord]) -> None:
    """Add new records, by COPY."""
    if records:
        rows = [
            (new.version.record_id, new.form, new.unit, new.key, new.person_ref, *new.version.columns())
            for new in records
        ]
        await copy_rows(await raw(session), "record", _RECORD, rows)


async def add_versions(session: AsyncSession, versions: Sequence[Version]) -> None:
    """Add hand-ins that were replaced within their own batch, by COPY."""
    if versions:
        rows = [(version.record_id, *version.columns()) for version in versions]
        await copy_rows(await raw(session), "record_version", _REPLACED, rows)


async def add_reasons(session: AsyncSession, reasons: Sequence[tuple[UUID, int, str, bytes | None]]) -> None:
    """Add why records are withdrawn, by COPY: record, sequence of the withdrawal, code, encrypted note."""
    if reasons:
        await copy_rows(await raw(session), "withdrawal", _REASON, reasons)


async def reasons_of(session: AsyncSession, record: UUID) -> dict[int, tuple[str, bytes | None]]:
    """Return why the record was withdrawn, code and encrypted note, by the sequences of its withdrawals."""
    cursor = await (await raw(session)).execute(
        "SELECT sequence, reason, note FROM withdrawal WHERE record_id = %s", (record,)
    )
    return {sequence: (reason, note) for sequence, reason, note in await cursor.fetchall()}


async def replace_records(session: AsyncSession, changed: Sequence[tuple[int, Version]]) -> None:
    """Store these versions as the current ones; each replaced version, named by its sequence, goes to the history.

    A version without identity (a withdrawal) keeps the identity that is stored.
    """
    if not changed:
        return
    connection = await raw(session)
    # History first: the update below overwrites what is copied here.
    await connection.execute(_KEEP, ([version.record_id for _, version in changed],))
    rows = [(version.record_id, was, *version.columns()) for was, version in changed]
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = await connection.execute(_PUT_IN_FORCE, columns)
    # Fewer rows mean that a sequence changed meanwhile; to continue would silently lose a hand-in.
    if cursor.rowcount != len(changed):
        raise RuntimeError("a record was changed by somebody else in spite of the lock")
