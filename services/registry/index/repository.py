"""Read and write the tables of the index; the number of statements does not grow with the size of a batch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from services.chassis.persistence import AsyncSession, raw
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind
from services.registry.index.domain.plan import LinkChange, Published
from services.registry.index.telling import Told

_LOCK = (
    7_138_020_001  # one writer of the index at a time: clusters that touch must not be resolved side by side
)

_ADD = """
INSERT INTO observed_version
    (record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at, form, unit)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
                     %s::timestamptz[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING
RETURNING record_id
"""

_TELL = """
INSERT INTO told_version (record_id, sequence, commune, told)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::jsonb[])
ON CONFLICT DO NOTHING
"""

# Look-ups are LATERAL with OFFSET 0, which PostgreSQL does not merge into joins: without statistics on a young table it
# would read all of it for a handful of keys.
_VERSIONS = """
SELECT version.* FROM unnest(%s::uuid[]) AS given(id) CROSS JOIN LATERAL (
    SELECT record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at
    FROM observed_version WHERE record_id = given.id OFFSET 0
) version
"""

_CARRIERS = " UNION ALL ".join(
    f"SELECT seen.record_id FROM unnest(%s::uuid[]) AS given(id)"
    f" CROSS JOIN LATERAL (SELECT record_id FROM observed_version WHERE {column} = given.id OFFSET 0) seen"
    for column in ("ref", "nid12", "nid9", "name_birth_sex")
)

_EDGES = """
SELECT edge.* FROM unnest(%s::uuid[]) AS given(id) CROSS JOIN LATERAL (
    SELECT ref, person, basis, ordinal, known_from, known_until, sequence, withdrawn
    FROM person_edge WHERE ref = given.id OFFSET 0
) edge
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

_KINDS = (TokenKind.NID12, TokenKind.NID9, TokenKind.NAME_BIRTH_SEX)


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation with what may be looked up of it: form, unit, commune of residence ("" once withdrawn), and what
    another agency is told."""

    observation: Observation
    form: str
    unit: str
    commune: str = ""
    told: Told = field(default_factory=dict)


async def add(session: AsyncSession, sightings: Sequence[Sighting]) -> list[UUID]:
    """Store the versions that are new and return the ids of their records. It first waits for other writers."""
    connection = await raw(session)
    async with connection.cursor() as cursor:
        # Locked before anything is read: the group of references must contain what another writer adds.
        await cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        # A version that is known already may be of a release that kept nothing of it, so these are added in any case.
        residents = [each for each in sightings if each.commune]
        await cursor.execute(_TELL, _columns([_telling(each) for each in residents], 4))
        await cursor.execute(_ADD, _columns([_row(each) for each in sightings], 9))
        return list({record_id for (record_id,) in await cursor.fetchall()})


async def clusters(session: AsyncSession, records: Collection[UUID]) -> list[Observation]:
    """Return every version of every record that could, over any chain of references and tokens, be of one human being with
    the given ones. Two statements for each step along the chains, however many there are side by side."""
    connection = await raw(session)
    found: list[Observation] = []
    known: set[UUID] = set()
    seen: list[set[UUID]] = [set() for _ in (None, *_KINDS)]  # references, then tokens by kind
    frontier = set(records)
    while frontier:
        # Chains can lead back to a record; without this the search would never end.
        known |= frontier
        rows = await _looked_up(connection, _VERSIONS, [list(frontier)])
        fresh = [{row[2 + place] for row in rows} - carried - {None} for place, carried in enumerate(seen)]
        for carried, new in zip(seen, fresh, strict=True):
            carried |= new
        found += [_observation(*row) for row in rows]
        carriers = await _looked_up(connection, _CARRIERS, [list(new) for new in fresh])
        frontier = {record_id for (record_id,) in carriers} - known
    return found


async def published(session: AsyncSession, refs: Collection[UUID]) -> list[Published]:
    """Return the edges of the references as last published, withdrawn ones too."""
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
        await cursor.execute(_SAVE, _columns(rows, 9))


async def _looked_up(
    connection: psycopg.AsyncConnection[Any], statement: str, ids: list[list[UUID]]
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
) -> Observation:
    return Observation(record_id, sequence, ref, _tokens((nid12, nid9, name)), recorded_at)


def _row(sighting: Sighting) -> tuple[Any, ...]:
    seen = sighting.observation
    by_kind = {token.kind: token.id for token in seen.tokens}
    return (
        seen.record_id,
        seen.sequence,
        seen.ref,
        *(by_kind.get(kind) for kind in _KINDS),
        seen.recorded_at,
        sighting.form,
        sighting.unit,
    )


def _telling(sighting: Sighting) -> tuple[Any, ...]:
    seen = sighting.observation
    return seen.record_id, seen.sequence, sighting.commune, Jsonb(sighting.told)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[position] for row in rows] for position in range(width)]


def _tokens(keys: Sequence[UUID | None]) -> tuple[Token, ...]:
    return tuple(Token(kind, key) for kind, key in zip(_KINDS, keys, strict=True) if key is not None)
