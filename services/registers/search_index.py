"""All SQL of the search for records: writing the table `RecordSearchTable`, filling it anew, and asking it.

A record's row is written in the transaction of the record. Rows that are missing (of records from before this table), that
have not all versions, or whose tokens are under a former key are made anew by `renew`, batch by batch: the rows
themselves show what is left, so that whoever is interrupted goes on with the next batch.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.forms import normalise_header
from services.chassis.persistence import AsyncSession, copy_texts, raw
from services.registers.record_keys import SEPARATOR
from services.registers.secrets import Vault

CANDIDATES = 4_000
"""Most records whose decrypted values one search compares."""
Scope = Sequence[tuple[str, str]]
"""(form, unit) of the registers that are searched."""
_COLUMNS = ("record_id", "form", "unit", "number", "key_id", "tokens")
_ADD = (
    "INSERT INTO record_search (record_id, form, unit, number, key_id, tokens)"
    " SELECT id, %s, unit, number, '', tokens::int2[]"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS fresh (id, unit, number, tokens)"
    " ON CONFLICT (record_id) DO UPDATE SET"
    " tokens = ARRAY(SELECT DISTINCT unnest(record_search.tokens || excluded.tokens))"
    " WHERE NOT record_search.tokens @> excluded.tokens"
)
_REPLACE = (
    "INSERT INTO record_search (record_id, form, unit, number, key_id, tokens)"
    " SELECT id, form, unit, number, %s, tokens::int2[]"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[]) AS fresh (id, form, unit, number, tokens)"
    " ON CONFLICT (record_id) DO UPDATE SET key_id = excluded.key_id, tokens = excluded.tokens"
)
# Locked, so that no hand-in adds tokens of a version that is not read here; what is locked by others is left to later.
_LEFT = (
    "SELECT record.record_id, record.form, record.unit, record.key FROM record"
    " LEFT JOIN record_search AS found ON found.record_id = record.record_id"
    " WHERE record.form = %s AND found.key_id IS DISTINCT FROM %s"
    " AND (%s::uuid IS NULL OR record.record_id > %s) ORDER BY record.record_id LIMIT %s"
    " FOR UPDATE OF record SKIP LOCKED"
)
_ANY_LEFT = (
    "SELECT EXISTS (SELECT 1 FROM record LEFT JOIN record_search AS found ON found.record_id = record.record_id"
    " WHERE record.form = ANY(%s) AND NOT coalesce(found.key_id, '') = ANY(%s))"
)
# From one register to the next by the index: to look at every row for the different ones would take longer than a search.
_REGISTERS = (
    "WITH RECURSIVE register AS ((SELECT form, unit FROM record_search ORDER BY form, unit LIMIT 1) UNION ALL"
    " SELECT following.form, following.unit FROM register CROSS JOIN LATERAL (SELECT form, unit FROM record_search"
    " WHERE (form, unit) > (register.form, register.unit) ORDER BY form, unit LIMIT 1) AS following)"
    " SELECT form, unit FROM register"
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a record is found by; ``whole``: the record is new, so that the tokens are of all its versions."""

    record: UUID
    unit: str
    key: str
    tokens: Iterable[int]
    whole: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What candidates must have: a folded number or its beginning, all tokens of one of the lists, a day of their own."""

    number: str = ""
    tokens: Sequence[Sequence[int]] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant."""

    record: UUID
    form: str
    unit: str
    number: str


def folded_number(number: str) -> str:
    """Return a number without case, spaces and signs, as it is compared."""
    return normalise_header(number)


async def put(session: AsyncSession, form: str, vault: Vault, fresh: Sequence[Fresh]) -> None:
    """Add what records of the form are found by; to what is there already tokens are added, and none is taken away."""
    if not fresh:
        return
    connection = await raw(session)
    new = [
        (each.record, form, each.unit, _number(each.key), vault.blind.current, _array(each.tokens))
        for each in fresh
        if each.whole
    ]
    # By COPY: of a record that did not exist before there can be no row yet.
    await copy_texts(connection, "record_search", _COLUMNS, new)
    known = [each for each in fresh if not each.whole]
    if known:
        # A record from before this table has versions that are not looked at here: it stays marked as unfinished.
        columns = [
            [each.record for each in known],
            [each.unit for each in known],
            [_number(each.key) for each in known],
            [_array(each.tokens) for each in known],
        ]
        await connection.execute(_ADD, (form, *columns))


async def renew(
    session: AsyncSession, form: str, vault: Vault, limit: int, after: UUID | None = None
) -> list[UUID]:
    """Make the rows of up to ``limit`` records anew that have none under the current key; return whose, in their order.

    Raises:
        DecryptionFailedError: an identity is under a field key that is not configured any more.
    """
    connection = await raw(session)
    asked = (form, vault.blind.current, after, after, limit)
    left = await (await connection.execute(_LEFT, asked)).fetchall()
    if not left:
        return []
    records = [row[0] for row in left]
    sealed = await identities(session, records)
    tokens = await asyncio.to_thread(_tokens, vault, sealed)
    columns = [
        records,
        [row[1] for row in left],
        [row[2] for row in left],
        [_number(row[3]) for row in left],
        [_array(tokens.get(record, ())) for record in records],
    ]
    await connection.execute(_REPLACE, (vault.blind.current, *columns))
    return records


async def is_whole(session: AsyncSession, forms: Sequence[str], vault: Vault) -> bool:
    """Return whether every record of these forms is found by all its versions, under a key that is configured."""
    asked = (list(forms), vault.blind.key_ids)
    found = await (await (await raw(session)).execute(_ANY_LEFT, asked)).fetchone()
    return found is not None and not found[0]


async def by_key(session: AsyncSession) -> dict[str, int]:
    """Return how many records are found by tokens beside each field key."""
    cursor = await (await raw(session)).execute(
        "SELECT key_id, count(*) FROM record_search GROUP BY 1 ORDER BY 1"
    )
    return {str(key): int(records) for key, records in await cursor.fetchall()}


async def registers(session: AsyncSession) -> list[tuple[str, str]]:
    """Return (form, unit) of every register that has records which can be searched."""
    cursor = await (await raw(session)).execute(_REGISTERS)
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def candidates(session: AsyncSession, scope: Scope, wanted: Wanted) -> list[Candidate]:
    """Return up to `CANDIDATES` records of these registers that may be meant, and one more where there are more."""
    conditions = [
        "s.form = ANY(%s)",
        "s.unit = ANY(%s)",
        "s.form || chr(31) || s.unit = ANY(%s)",
    ]
    values: list[object] = [
        sorted({form for form, _ in scope}),
        sorted({unit for _, unit in scope}),
        [f"{form}{SEPARATOR}{unit}" for form, unit in scope],
    ]
    if wanted.number:
        # Folded to letters and digits, so nothing in it is a sign of LIKE.
        conditions.append("s.number LIKE %s")
        values.append(f"{wanted.number}%")
    if wanted.tokens:
        conditions.append(f"({' OR '.join(['s.tokens @> %s::int2[]'] * len(wanted.tokens))})")
        values += [list(each) for each in wanted.tokens]
    dated = wanted.since is not None or wanted.until is not None
    if dated:
        conditions.append(
            "record.own_day BETWEEN coalesce(%s::date, '-infinity') AND coalesce(%s::date, 'infinity')"
        )
        values += [wanted.since, wanted.until]
    join = " JOIN record USING (record_id)" if dated else ""
    cursor = await (await raw(session)).execute(
        f"SELECT s.record_id, s.form, s.unit, s.number FROM record_search AS s{join}"
        f" WHERE {' AND '.join(conditions)} LIMIT {CANDIDATES + 1}".encode(),
        values,
    )
    return [Candidate(*row) for row in await cursor.fetchall()]


async def identities(session: AsyncSession, records: Sequence[UUID]) -> list[tuple[UUID, bytes, bool]]:
    """Return the encrypted identity of each version of these records, and whether it is of the one that stands."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT record_id, identity, true FROM record WHERE record_id = ANY(%(records)s) AND identity IS NOT NULL"
            " UNION ALL SELECT record_id, identity, false FROM record_version"
            " WHERE record_id = ANY(%(records)s) AND identity IS NOT NULL",
            {"records": list(records)},
        )
        return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


def _tokens(vault: Vault, sealed: Sequence[tuple[UUID, bytes, bool]]) -> dict[UUID, set[int]]:
    found: dict[UUID, set[int]] = {}
    for record, identity, _ in sealed:
        found.setdefault(record, set()).update(vault.blind.tokens(vault.unseal(record, identity)))
    return found


def _number(key: str) -> str:
    return folded_number(key.partition(SEPARATOR)[0])


def _array(tokens: Iterable[int]) -> str:
    return "{" + ",".join(map(str, sorted(tokens))) + "}"
