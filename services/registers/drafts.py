"""Drafts: what somebody has typed into a form and not saved yet, kept for this person alone.

A draft has the id that its form was drawn with. Saving the form spends the draft, and what arrives after that under the same
id makes none again: a browser may send a draft and the form itself at the same moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlmodel import col, delete, select

from contracts.envelope import VIETNAM
from reference import kept_for
from services.chassis.persistence import AsyncSession, raw
from services.chassis.sealing import seal_anew, sealed_by_key
from services.chassis.security import FieldCipher
from services.registers.tables import DraftTable

MOST = 50
"""Drafts of one person in one service: more would be typed by no hand."""
# A spent draft (``sealed`` is null) stays spent, and the limit never stops a form whose draft is kept already.
_KEEP = (
    "INSERT INTO draft (subject, request_id, form, record, sealed, kept_at)"
    " SELECT %(subject)s, %(request_id)s, %(form)s, %(record)s, %(sealed)s, %(kept_at)s"
    " WHERE EXISTS (SELECT FROM draft WHERE subject = %(subject)s AND request_id = %(request_id)s)"
    " OR (SELECT count(*) FROM draft WHERE subject = %(subject)s AND sealed IS NOT NULL) < %(most)s"
    " ON CONFLICT (subject, request_id) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at"
    " WHERE draft.sealed IS NOT NULL AND draft.form = excluded.form AND draft.record IS NOT DISTINCT FROM excluded.record"
)
_SPEND = (
    "INSERT INTO draft (subject, request_id, form, kept_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (subject, request_id) DO UPDATE SET sealed = NULL, kept_at = excluded.kept_at"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that is half filled in. ``typed`` is the text of each column; ``sequence`` the version that is being corrected."""

    request_id: UUID
    form: str
    record: UUID | None
    typed: Mapping[str, str]
    sequence: str
    kept_at: datetime


class Drafts:
    """The drafts of a service, encrypted, each tied to its person and form. A change of the field key encrypts them anew."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def keep(self, session: AsyncSession, subject: str, draft: Draft) -> bool:
        """Keep a draft in place of what was kept of the same form; what has expired goes.

        Return False where it is not kept: the form is saved already, or the person has too many drafts.
        """
        oldest = draft.kept_at - _keeping(draft.kept_at)
        await session.exec(delete(DraftTable).where(col(DraftTable.kept_at) < oldest))
        said = orjson.dumps({"typed": draft.typed, "sequence": draft.sequence})
        cursor = await (await raw(session)).execute(
            _KEEP,
            {
                "subject": subject,
                "request_id": draft.request_id,
                "form": draft.form,
                "record": draft.record,
                "sealed": self._cipher.encrypt(said, _place(draft.request_id, draft.form, subject)),
                "kept_at": draft.kept_at,
                "most": MOST,
            },
        )
        return cursor.rowcount == 1

    async def of(self, session: AsyncSession, subject: str, now: datetime) -> Sequence[Draft]:
        """Return the drafts of a person that have not expired, the newest first."""
        query = select(DraftTable).where(
            col(DraftTable.subject) == subject,
            col(DraftTable.sealed).is_not(None),
            col(DraftTable.kept_at) >= now - _keeping(now),
        )
        rows = (await session.exec(query.order_by(col(DraftTable.kept_at).desc()))).all()
        return [self._opened(row, row.sealed) for row in rows if row.sealed is not None]

    async def discard(self, session: AsyncSession, subject: str, request_id: UUID) -> None:
        """Forget a draft of the person."""
        await session.exec(
            delete(DraftTable).where(
                col(DraftTable.subject) == subject, col(DraftTable.request_id) == request_id
            )
        )

    async def spend(
        self, session: AsyncSession, subject: str, request_id: UUID, form: str, now: datetime
    ) -> None:
        """Remember that the form is saved: nothing is left of what was typed, and no draft of it is kept any more."""
        await (await raw(session)).execute(_SPEND, (subject, request_id, form, now))

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many drafts each field key has encrypted."""
        return await sealed_by_key(session, self._cipher, DraftTable)

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many drafts anew under the current key; return how many, 0 when none is left.

        Raises:
            DecryptionFailedError: a draft is under a key that is not configured any more.
        """
        return await seal_anew(
            session,
            self._cipher,
            DraftTable,
            lambda row: _place(row.request_id, row.form, row.subject),
            limit,
        )

    def _opened(self, row: DraftTable, sealed: bytes) -> Draft:
        said = orjson.loads(self._cipher.decrypt(sealed, _place(row.request_id, row.form, row.subject)))
        return Draft(row.request_id, row.form, row.record, said["typed"], said["sequence"], row.kept_at)


def _keeping(now: datetime) -> timedelta:
    return kept_for("draft", now.astimezone(VIETNAM).date())


def _place(request_id: UUID, form: str, subject: str) -> bytes:
    return b"draft:" + request_id.bytes + form.encode() + b"\x00" + subject.encode()
