"""The index's tables, read and written in sets: a batch costs a fixed number of statements, whatever its size."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from services.chassis.db import AsyncSession, raw
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind
from services.registry.index.domain.plan import Change, Published

_LOCK = (
    7_138_020_001  # one writer of the index at a time: clusters that touch must not be resolved side by side
)

# Without statistics on young tables, and with plans kept from when they were small, PostgreSQL would read all of
# them for a handful of keys.
_BY_INDEX = "SET LOCAL enable_seqscan = off"

_ADD = """
INSERT INTO observed_version
    (record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at, form, unit)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
                     %s::timestamptz[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING
RETURNING record_id
"""

# From the references of the given records to all that could ever share a human being with them: by turns from
# references to their tokens (kinds 1, 2, 3) and from tokens to their references (kind 0); also to any other
# reference that a version of the same record named, so that what is read of a record is always all of it.
_CLUSTERS = """
WITH RECURSIVE reach(id, kind) AS (
    SELECT ref, 0 FROM observed_version WHERE record_id = ANY(%s) AND ref IS NOT NULL
  UNION
    SELECT next.id, next.kind FROM reach CROSS JOIN LATERAL (
        SELECT token.id, token.kind FROM observed_version seen
            CROSS JOIN LATERAL (VALUES (seen.nid12, 1), (seen.nid9, 2), (seen.name_birth_sex, 3)) token(id, kind)
            WHERE reach.kind = 0 AND seen.ref = reach.id AND token.id IS NOT NULL
      UNION ALL
        SELECT other.ref, 0 FROM observed_version seen JOIN observed_version other USING (record_id)
            WHERE reach.kind = 0 AND seen.ref = reach.id AND other.ref <> seen.ref
      UNION ALL
        SELECT ref, 0 FROM observed_version WHERE reach.kind = 1 AND nid12 = reach.id
      UNION ALL
        SELECT ref, 0 FROM observed_version WHERE reach.kind = 2 AND nid9 = reach.id
      UNION ALL
        SELECT ref, 0 FROM observed_version WHERE reach.kind = 3 AND name_birth_sex = reach.id
    ) next
)
SELECT record_id, sequence, ref, nid12, nid9, name_birth_sex, recorded_at FROM observed_version
WHERE record_id IN (
    SELECT seen.record_id FROM reach JOIN observed_version seen ON seen.ref = reach.id WHERE reach.kind = 0
)
"""

_EDGES = """
SELECT ref, person, basis, ordinal, known_from, known_until, sequence, withdrawn
FROM person_edge WHERE ref = ANY(%s)
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
    """An observation with what clerks may later ask about it: the register's form and the reporting unit."""

    observation: Observation
    form: str
    unit: str


async def add(session: AsyncSession, sightings: Sequence[Sighting]) -> list[UUID]:
    """Store what is new of the versions; returns the records it belongs to. Waits for other writers first."""
    connection = await raw(session)
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        await cursor.execute(_ADD, _columns([_row(each) for each in sightings], 9))
        return list({record_id for (record_id,) in await cursor.fetchall()})


async def clusters(session: AsyncSession, records: Collection[UUID]) -> list[Observation]:
    """Every version of every record whose reference could be joined, over any chain, to those of the records."""
    rows = await _by_index(await raw(session), _CLUSTERS, list(records))
    return [
        Observation(record_id, sequence, ref, _tokens(keys), recorded_at)
        for record_id, sequence, ref, *keys, recorded_at in rows
    ]


async def published(session: AsyncSession, refs: Collection[UUID]) -> list[Published]:
    """The edges of the references as last published, withdrawn ones too."""
    rows = await _by_index(await raw(session), _EDGES, list(refs))
    return [Published(Edge(*edge), sequence, withdrawn) for *edge, sequence, withdrawn in rows]


async def save(session: AsyncSession, changes: Iterable[Change]) -> None:
    """Remember what these changes publish."""
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


async def _by_index(
    connection: psycopg.AsyncConnection[Any], statement: str, ids: list[UUID]
) -> list[tuple[Any, ...]]:
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_BY_INDEX)
        await cursor.execute(statement, (ids,), prepare=False)
        return await cursor.fetchall()


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


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[position] for row in rows] for position in range(width)]


def _tokens(keys: Sequence[UUID | None]) -> tuple[Token, ...]:
    return tuple(Token(kind, key) for kind, key in zip(_KINDS, keys, strict=True) if key is not None)
