"""Rotation of field keys: stored identities are encrypted anew under the current key, batch by batch.

Each row names the key that it was encrypted with, so the rows show which of them are left and no progress is stored:
an interrupted rotation goes on with the next batch.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from services.chassis.persistence import AsyncSession, raw
from services.registers.secrets import Vault

# Rows locked by another transaction are skipped: that one writes them with the current key, or a later batch finds
# them. So a rotation never waits for a hand-in while it holds rows of another one.
_RECORDS = (
    "SELECT record_id, identity FROM record WHERE identity IS NOT NULL AND substring(identity FROM 1 FOR %s) <> %s"
    " LIMIT %s FOR UPDATE SKIP LOCKED"
)
_VERSIONS = (
    "SELECT record_id, sequence, identity FROM record_version"
    " WHERE identity IS NOT NULL AND substring(identity FROM 1 FOR %s) <> %s LIMIT %s FOR UPDATE SKIP LOCKED"
)
_PUT_RECORDS = (
    "UPDATE record SET identity = fresh.identity FROM unnest(%s::uuid[], %s::bytea[]) AS fresh (id, identity)"
    " WHERE record_id = fresh.id"
)
_PUT_VERSIONS = (
    "UPDATE record_version AS old SET identity = fresh.identity"
    " FROM unnest(%s::uuid[], %s::int8[], %s::bytea[]) AS fresh (id, sequence, identity)"
    " WHERE old.record_id = fresh.id AND old.sequence = fresh.sequence"
)
_BY_KEY = (
    "SELECT convert_from(substring(identity FROM 3 FOR get_byte(identity, 1)), 'UTF8') AS key_id, count(*)"
    " FROM (SELECT identity FROM record UNION ALL SELECT identity FROM record_version) AS stored"
    " WHERE identity IS NOT NULL GROUP BY key_id ORDER BY key_id"
)


class Rotating(Protocol):
    """What else a service keeps under its field keys, besides the identities of its records."""

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many values each field key has encrypted."""

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many values anew under the current key; return how many, 0 when none is left."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted identity and the record that it belongs to (its associated data)."""

    record_id: UUID
    identity: bytes


async def by_key(session: AsyncSession) -> dict[str, int]:
    """Return how many stored identities each field key has encrypted, those of replaced hand-ins included."""
    cursor = await (await raw(session)).execute(_BY_KEY)
    return {str(key): int(rows) for key, rows in await cursor.fetchall()}


async def rotate(session: AsyncSession, vault: Vault, limit: int) -> int:
    """Encrypt up to ``limit`` identities anew, in the session's transaction; return how many, 0 when none is left.

    Raises:
        DecryptionFailedError: an identity is under a key that is not configured any more.
    """
    connection = await raw(session)
    head = vault.sealed_head
    asked = (len(head), head, limit)
    records = await (await connection.execute(_RECORDS, asked)).fetchall()
    if records:
        fresh = await _resealed(vault, [Sealed(*row) for row in records])
        await connection.execute(_PUT_RECORDS, _columns(zip((row[0] for row in records), fresh, strict=True)))
        return len(records)
    versions = await (await connection.execute(_VERSIONS, asked)).fetchall()
    if versions:
        fresh = await _resealed(vault, [Sealed(row[0], row[2]) for row in versions])
        rows = ((row[0], row[1], identity) for row, identity in zip(versions, fresh, strict=True))
        await connection.execute(_PUT_VERSIONS, _columns(rows))
    return len(versions)


async def _resealed(vault: Vault, sealed: list[Sealed]) -> list[bytes]:
    # Beside the event loop: thousands of rows would keep requests waiting.
    return await asyncio.to_thread(lambda: [vault.reseal(each.record_id, each.identity) for each in sealed])


def _columns(rows: Any) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
