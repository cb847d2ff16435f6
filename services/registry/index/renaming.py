"""The index during a rotation of the linkage secret: it learns the new tokens from events told again, then takes them over.

Until every token has a new one it answers by the former ones; then all of them change in one transaction: versions,
edges, and the events that told edges, with their ids, sequences and times as they are.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg

from services.chassis.persistence import AsyncSession, raw
from services.registers import TokensLeftError
from services.registry.index.domain.edges import edge_id
from services.registry.index.domain.knowledge import Token, TokenKind
from services.registry.index.domain.renaming import parts, ranks
from services.registry.index.repository import LOCK, Sighting, columns, row_of

Connection = psycopg.AsyncConnection[Any]
_BATCH = 5_000

_NOTE = """
INSERT INTO token_renewal (former, renewed)
SELECT DISTINCT ON (pair.former) pair.former, pair.renewed
FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[])
    AS told (record_id, sequence, nid12, nid9, name_birth_sex, number_name, number_birth, number_year, name_folded)
JOIN observed_version known USING (record_id, sequence)
CROSS JOIN LATERAL (VALUES (known.nid12, told.nid12), (known.nid9, told.nid9),
    (known.name_birth_sex, told.name_birth_sex), (known.number_name, told.number_name),
    (known.number_birth, told.number_birth), (known.number_year, told.number_year),
    (known.name_folded, told.name_folded)) AS pair (former, renewed)
WHERE pair.former <> pair.renewed
ON CONFLICT DO NOTHING
"""
_POSTPONE = "INSERT INTO postponed_record SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
_LEFT = """
SELECT DISTINCT token FROM observed_version
CROSS JOIN LATERAL (VALUES (nid12), (nid9), (name_birth_sex), (number_name), (number_birth), (number_year),
    (name_folded)) AS has (token)
WHERE token IS NOT NULL AND NOT EXISTS (SELECT FROM token_renewal WHERE former = token)
    AND NOT EXISTS (SELECT FROM token_renewal WHERE renewed = token)
    AND NOT EXISTS (SELECT FROM postponed_record JOIN observed_version version USING (record_id)
        WHERE token IN (version.nid12, version.nid9, version.name_birth_sex, version.number_name,
            version.number_birth, version.number_year, version.name_folded))
"""
_NAMES = (
    "SELECT name, rank FROM (SELECT name_birth_sex FROM observed_version UNION SELECT name_folded FROM observed_version)"
    " AS names (name) LEFT JOIN name_rank ON token = name WHERE name IS NOT NULL"
)
_RENAME_VERSIONS = "UPDATE observed_version SET {column} = renewed FROM token_renewal WHERE {column} = former"
_NUMBERS = "SELECT nid12 FROM observed_version WHERE nid12 IS NOT NULL UNION SELECT nid9 FROM observed_version WHERE nid9 IS NOT NULL"
_EDGES = "SELECT edge_id, ref, person, ordinal, basis FROM person_edge"
_RENAME_EDGES = (
    "UPDATE person_edge SET edge_id = fresh.id, person = fresh.person"
    " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS fresh (former, id, person) WHERE edge_id = former"
)
_TOLD = (
    "SELECT id, subject, key, payload FROM outbox WHERE topic = 'registry.persons' AND payload IS NOT NULL"
)
_RENAME_TOLD = (
    "UPDATE outbox SET subject = fresh.subject, key = fresh.key, payload = fresh.payload"
    " FROM unnest(%s::int8[], %s::text[], %s::text[], %s::bytea[]) AS fresh (id, subject, key, payload)"
    " WHERE outbox.id = fresh.id"
)


async def note(session: AsyncSession, sightings: Sequence[Sighting], new: Sequence[UUID]) -> None:
    """Store the new tokens of versions that are known already, and postpone the links of ``new`` records."""
    connection = await raw(session)
    rows = [row_of(each) for each in sightings]
    await connection.execute(_NOTE, columns([(*row[:2], *row[3:6], *row[11:14], row[15]) for row in rows], 9))
    await connection.execute(_POSTPONE, [list(new)])


async def rename(session: AsyncSession, abandon: bool) -> tuple[int, list[UUID]]:
    """Give every token its new name; return how many no event told again, and the records whose links were postponed.

    A token that no event told again (its event is in no outbox) has no key any more. With ``abandon`` it gets a name
    that nothing is made into: its links stay, and nobody who is handed in later joins them.

    Raises:
        TokensLeftError: there are such tokens, and ``abandon`` is False.
    """
    connection = await raw(session)
    # Minutes where there are millions of versions: nobody may learn meanwhile, and readers go on.
    await connection.execute("SET LOCAL statement_timeout TO 0")
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    left = [row[0] for row in await (await connection.execute(_LEFT)).fetchall()]
    if left and not abandon:
        raise TokensLeftError(len(left))
    made = [(token, uuid4()) for token in left]
    await connection.execute(
        "INSERT INTO token_renewal SELECT * FROM unnest(%s::uuid[], %s::uuid[])", columns(made, 2)
    )
    pairs = await (await connection.execute("SELECT former, renewed FROM token_renewal")).fetchall()
    renaming: dict[UUID, UUID] = dict(pairs)
    await _rank_names(connection, renaming)
    numbers = await (await connection.execute(_NUMBERS)).fetchall()
    for column in (
        "nid12",
        "nid9",
        "name_birth_sex",
        "number_name",
        "number_birth",
        "number_year",
        "name_folded",
    ):
        await connection.execute(_RENAME_VERSIONS.format(column=column).encode())
    await _rename_edges(connection, renaming | parts((row[0] for row in numbers), renaming))
    postponed = await (await connection.execute("SELECT record_id FROM postponed_record")).fetchall()
    await connection.execute("TRUNCATE token_renewal, postponed_record")
    return len(left), [row[0] for row in postponed]


async def _rank_names(connection: Connection, renaming: Mapping[UUID, UUID]) -> None:
    names = [
        Token(TokenKind.NAME_BIRTH_SEX, token, rank)
        for token, rank in await (await connection.execute(_NAMES)).fetchall()
        # A token that came during the rotation is a new one already.
        if token in renaming
    ]
    places = ranks(names, renaming)
    await connection.execute("TRUNCATE name_rank")
    await connection.execute(
        "INSERT INTO name_rank SELECT * FROM unnest(%s::uuid[], %s::bigint[])",
        [list(places), list(places.values())],
    )


async def _rename_edges(connection: Connection, renaming: Mapping[UUID, UUID]) -> None:
    subjects: dict[str, str] = {}
    async for edges in _batches(connection, _EDGES):
        fresh = []
        for former, ref, person, ordinal, basis in edges:
            new = renaming.get(person, person)
            fresh.append((former, edge_id(ref, new, ordinal, basis), new))
        subjects |= {str(former): str(new) for former, new, _ in fresh}
        await connection.execute(_RENAME_EDGES, columns(fresh, 3))
    async for events in _batches(connection, _TOLD):
        told = [_renamed(row, subjects, renaming) for row in events]
        await connection.execute(_RENAME_TOLD, columns(told, 4))


def _renamed(
    row: tuple[int, str, str, bytes], subjects: Mapping[str, str], renaming: Mapping[UUID, UUID]
) -> tuple[int, str, str, bytes]:
    """Return an event of an edge under other names, every other byte as it was."""
    number, subject, person, payload = row
    new_subject, new_person = subjects.get(subject, subject), str(renaming.get(UUID(person), UUID(person)))
    for former, new in ((subject, new_subject), (person, new_person)):
        # Between quotes, so that only whole values are replaced and never a part of another text.
        payload = payload.replace(f'"{former}"'.encode(), f'"{new}"'.encode())
    return number, new_subject, new_person, payload


async def _batches(connection: Connection, query: str) -> AsyncIterator[list[tuple[Any, ...]]]:
    # A cursor of the server: it reads the rows as they were when it was opened, whatever is updated meanwhile.
    async with connection.cursor("renaming") as cursor:
        await cursor.execute(query.encode())
        while rows := await cursor.fetchmany(_BATCH):
            yield rows
