"""Read and write the tables of the index; the number of statements does not grow with the size of a batch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from services.chassis.persistence import AsyncSession, raw
from services.linkage import Said
from services.registry.index.domain.agencies import agency_of_record
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind
from services.registry.index.domain.plan import LinkChange, Published
from services.registry.index.sharing import SharedValues

LOCK = (
    7_138_020_001  # one writer of the index at a time: clusters that touch must not be resolved side by side
)

_ADD = """
INSERT INTO observed_version
    (record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at, form, unit, handed_in_at,
     sex, number_name, number_birth, number_year, number_doubted, name_folded)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
                     %s::timestamptz[], %s::text[], %s::text[], %s::timestamptz[],
                     %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bool[], %s::uuid[])
ON CONFLICT DO NOTHING
RETURNING record_id
"""

_SHARE = """
INSERT INTO shared_version (record_id, sequence, commune, shared)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::jsonb[])
ON CONFLICT DO NOTHING
"""

# Look-ups are LATERAL with OFFSET 0, which PostgreSQL does not merge into joins: without statistics on a young table it
# would read all of it for a handful of keys.
_VERSIONS = """
SELECT version.* FROM unnest(%s::uuid[]) AS given(id) CROSS JOIN LATERAL (
    SELECT record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at,
        (SELECT rank FROM name_rank WHERE token = name_birth_sex),
        name_folded, (SELECT rank FROM name_rank WHERE token = name_folded),
        sex, number_name, number_year, number_birth, number_doubted, form, unit
    FROM observed_version WHERE record_id = given.id OFFSET 0
) version
"""

_CARRIERS = " UNION ALL ".join(
    f"SELECT seen.record_id FROM unnest(%s::uuid[]) AS given(id)"
    f" CROSS JOIN LATERAL (SELECT record_id, form FROM observed_version WHERE {column} = given.id OFFSET 0) seen"
    f" WHERE %s::text IS NULL OR seen.form = %s"
    for column in ("ref", "nid12", "nid9", "name_birth_sex", "name_folded")
)

_EDGES = """
SELECT edge.* FROM unnest(%s::uuid[]) AS given(id) CROSS JOIN LATERAL (
    SELECT ref, person, basis, ordinal, known_from, known_until, sequence, withdrawn
    FROM person_edge WHERE ref = given.id AND basis <> 'clerk' OFFSET 0
) edge
"""

_DUE = """
INSERT INTO review_due (ref)
SELECT person_ref FROM record WHERE record_id = ANY(%s) AND person_ref IS NOT NULL
UNION SELECT unnest(%s::uuid[]) ORDER BY 1
ON CONFLICT DO NOTHING
"""

_SAVE = """
INSERT INTO person_edge
    (edge_id, ref, person, basis, ordinal, known_from, known_until, sequence, withdrawn)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::smallint[],
                     %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bool[])
ON CONFLICT (edge_id) DO UPDATE SET
    basis = excluded.basis, known_from = excluded.known_from, known_until = excluded.known_until,
    sequence = excluded.sequence, withdrawn = excluded.withdrawn
"""

_FOLDED = 8  # the column ``name_folded`` of ``_VERSIONS``
_KINDS = (TokenKind.NID12, TokenKind.NID9, TokenKind.NAME_BIRTH_SEX)


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation with what may be looked up of it: form, unit, when the owning service wrote it, commune of residence
    ("" once withdrawn), and what another agency is told."""

    observation: Observation
    form: str
    unit: str
    handed_in_at: datetime
    commune: str = ""
    shared: SharedValues = field(default_factory=dict)


async def add(session: AsyncSession, sightings: Sequence[Sighting]) -> list[UUID]:
    """Store the versions that are new and return the ids of their records. It first waits for other writers."""
    connection = await raw(session)
    async with connection.cursor() as cursor:
        # Locked before anything is read: the group of references must contain what another writer adds.
        await cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        # A version that is known already may be of a release that kept nothing of it, so these are added in any case.
        residents = [each for each in sightings if each.commune]
        await cursor.execute(_SHARE, columns([_shared_row(each) for each in residents], 4))
        await cursor.execute(_ADD, columns([row_of(each) for each in sightings], 16))
        return list({record_id for (record_id,) in await cursor.fetchall()})


async def clusters(
    session: AsyncSession, records: Collection[UUID], form: str | None = None
) -> list[Observation]:
    """Return every version of every record (of the form) that could, over any chain of references and tokens, be of one human
    being with the given ones. Two statements for each step along the chains, however many there are side by side."""
    connection = await raw(session)
    found: list[Observation] = []
    known: set[UUID] = set()
    seen: list[set[UUID]] = [set() for _ in (None, *_KINDS)]  # references, then tokens by kind
    frontier = set(records)
    while frontier:
        # Chains can lead back to a record; without this the search would never end.
        known |= frontier
        rows = await _looked_up(connection, _VERSIONS, [list(frontier)])
        carried_by = [{row[2 + place] for row in rows} for place in range(len(seen))]
        # A name with and without its signs are tokens of one kind: what one column has may stand in the other.
        carried_by[-1] |= {row[_FOLDED] for row in rows}
        fresh = [found - carried - {None} for found, carried in zip(carried_by, seen, strict=True)]
        for carried, new in zip(seen, fresh, strict=True):
            carried |= new
        found += [_observation(*row) for row in rows]
        asked = [[list(new), form, form] for new in (*fresh, fresh[-1])]
        carriers = await _looked_up(connection, _CARRIERS, [value for each in asked for value in each])
        frontier = {record_id for (record_id,) in carriers} - known
    return found


async def published(session: AsyncSession, refs: Collection[UUID]) -> list[Published]:
    """Return the certain edges of the references as last published, withdrawn ones too; what clerks decided is apart."""
    rows = await _looked_up(await raw(session), _EDGES, [list(refs)])
    return [Published(Edge(*edge), sequence, withdrawn) for *edge, sequence, withdrawn in rows]


async def save(session: AsyncSession, changes: Iterable[LinkChange]) -> None:
    """Store the edges as published by these changes."""
    rows: list[tuple[Any, ...]] = []
    for change in changes:
        edge, now = change.edge, change.published
        rows.append(
            (
                edge.id,
                edge.ref,
                edge.person,
                edge.basis,
                edge.ordinal,
                edge.known_from,
                edge.known_until,
                now.sequence,
                now.withdrawn,
            )
        )
    connection = await raw(session)
    async with connection.cursor() as cursor:
        await cursor.execute(_SAVE, columns(rows, 9))


async def mark_due(session: AsyncSession, records: Collection[UUID], refs: Collection[UUID]) -> None:
    """Let the review queue look anew at the persons of these records of the own register, and at these references."""
    await (await raw(session)).execute(_DUE, [list(records), list(refs)])


async def _looked_up(
    connection: psycopg.AsyncConnection[Any], statement: str, ids: Sequence[object]
) -> list[tuple[Any, ...]]:
    async with connection.cursor(binary=True) as cursor:
        # A prepared plan from the time when the table was small would stay in use although it is bad.
        await cursor.execute(statement, ids, prepare=False)
        return await cursor.fetchall()


def _observation(
    record_id: UUID,
    sequence: int,
    ref: UUID | None,
    nid12: UUID | None,
    nid9: UUID | None,
    name: UUID | None,
    recorded_at: datetime,
    rank: int | None,
    folded: UUID | None,
    folded_rank: int | None,
    sex: str | None,
    *beside: Any,
) -> Observation:
    tokens = _tokens((nid12, nid9, name), rank)
    if folded is not None:
        tokens += (Token(TokenKind.NAME_BIRTH_SEX, folded, folded_rank),)
    name_beside, year, birth, doubted, form, unit = beside
    said = None if sex is None else Said(sex, name_beside, year, birth, doubted, agency_of_record(form, unit))
    return Observation(record_id, sequence, ref, tokens, recorded_at, said)


def row_of(sighting: Sighting) -> tuple[Any, ...]:
    """Return the version as a row of ``observed_version``."""
    seen = sighting.observation
    # Of the two tokens of a name the first is that of the name as it was written.
    by_kind = {token.kind: token.id for token in reversed(seen.tokens)}
    names = [token.id for token in seen.tokens if token.kind is TokenKind.NAME_BIRTH_SEX]
    return (
        seen.record_id,
        seen.sequence,
        seen.ref,
        *(by_kind.get(kind) for kind in _KINDS),
        seen.recorded_at,
        sighting.form,
        sighting.unit,
        sighting.handed_in_at,
        *_beside(seen.said),
        names[1] if len(names) > 1 else None,
    )


def _beside(said: Said | None) -> tuple[Any, ...]:
    if said is None:
        return None, None, None, None, False
    return said.sex, said.name, said.birth, said.year, said.doubted


def _shared_row(sighting: Sighting) -> tuple[Any, ...]:
    seen = sighting.observation
    return seen.record_id, seen.sequence, sighting.commune, Jsonb(sighting.shared)


def columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return the rows as columns, for ``unnest``."""
    return [[row[position] for row in rows] for position in range(width)]


def _tokens(keys: Sequence[UUID | None], rank: int | None) -> tuple[Token, ...]:
    return tuple(
        Token(kind, key, rank if kind is TokenKind.NAME_BIRTH_SEX else None)
        for kind, key in zip(_KINDS, keys, strict=True)
        if key is not None
    )
