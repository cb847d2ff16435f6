"""Notes of decisions, encrypted, each tied to its decision. A change of the field key encrypts them anew."""

from collections.abc import Mapping
from uuid import UUID

from services.chassis.persistence import AsyncSession
from services.chassis.sealing import seal_anew, sealed_by_key
from services.chassis.security import FieldCipher
from services.registry.review.tables import ReviewNoteTable


class ReviewNotes:
    """The notes of the review queue."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def add(self, session: AsyncSession, decision: UUID, text: str, *, ending: bool) -> None:
        """Keep the note of a decision or of its end; a blank one is none."""
        if text:
            sealed = self._cipher.encrypt(text.encode(), _place(decision, ending))
            session.add(ReviewNoteTable(decision_id=decision, ending=ending, sealed=sealed))
            await session.flush()

    async def of(self, session: AsyncSession, decision: UUID) -> str:
        """Return the note of a decision, blank where it has none."""
        row = await session.get(ReviewNoteTable, (decision, False))
        return "" if row is None else self._cipher.decrypt(row.sealed, _place(decision, False)).decode()

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many notes each field key has encrypted."""
        return await sealed_by_key(session, self._cipher, ReviewNoteTable)

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many notes anew under the current key; return how many, 0 when none is left.

        Raises:
            DecryptionFailedError: a note is under a key that is not configured any more.
        """
        return await seal_anew(
            session, self._cipher, ReviewNoteTable, lambda row: _place(row.decision_id, row.ending), limit
        )


def _place(decision: UUID, ending: bool) -> bytes:
    # Bound to the decision and to which note of it this is: one moved to another row cannot be decrypted.
    return b"review note:" + decision.bytes + (b"end" if ending else b"made")
