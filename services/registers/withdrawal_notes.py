"""Notes in words on withdrawals, encrypted like identities, for a note may name somebody; a change of the field key renews them."""

from collections.abc import Mapping
from uuid import UUID

from services.chassis.persistence import AsyncSession, raw
from services.registers.secrets import Vault

LONGEST = 500
"""Characters of a note."""
_OLD = (
    "SELECT record_id, sequence, note FROM withdrawal"
    " WHERE note IS NOT NULL AND substring(note FROM 1 FOR %s) <> %s LIMIT %s FOR UPDATE SKIP LOCKED"
)
_BY_KEY = (
    "SELECT convert_from(substring(note FROM 3 FOR get_byte(note, 1)), 'UTF8') AS key_id, count(*)"
    " FROM withdrawal WHERE note IS NOT NULL GROUP BY key_id"
)


def sealed_note(vault: Vault, record: UUID, note: str) -> bytes | None:
    """Return the note encrypted and tied to its record; None for no note."""
    return vault.seal(record, {"note": note} if note else {})


def read_note(vault: Vault, record: UUID, sealed: bytes | None) -> str | None:
    """Return a note in words; DecryptionFailedError as for an identity."""
    return None if sealed is None else str(vault.unseal(record, sealed)["note"])


class WithdrawalNotes:
    """The notes of a service as something that it keeps under its field keys."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many notes each field key has encrypted."""
        cursor = await (await raw(session)).execute(_BY_KEY)
        return {str(key): int(notes) for key, notes in await cursor.fetchall()}

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many notes anew under the current key; return how many, 0 when none is left."""
        connection, head = await raw(session), self._vault.sealed_head
        found = await (await connection.execute(_OLD, (len(head), head, limit))).fetchall()
        for record, sequence, note in found:
            await connection.execute(
                "UPDATE withdrawal SET note = %s WHERE record_id = %s AND sequence = %s",
                (self._vault.reseal(record, note), record, sequence),
            )
        return len(found)
