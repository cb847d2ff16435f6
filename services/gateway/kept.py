"""What somebody had typed when his session ended: kept for half an hour, encrypted, for the same person alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select

from services.chassis.persistence import UnitOfWork
from services.chassis.runtime import Clock, NewId
from services.chassis.security import FieldCipher
from services.gateway.tables import KeptForm

KEPT = timedelta(minutes=30)
LIMIT_BYTES = 262_144
_MOST = 20
REQUEST_ID = "request_id"
"""The field by which a service knows that a form has come before."""
NEVER_KEPT = frozenset({"card"})
"""Fields that go to no database: the line of a citizen card has more of a person than any form asks for."""
_URLENCODED = "application/x-www-form-urlencoded"

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One form that was sent too late: where to, when, and its fields in their order."""

    path: str
    at: datetime
    fields: Fields


def fields_of(content_type: str, body: bytes) -> Fields | None:
    """Return the fields of a form; None of what is no plain form, or is too long to be kept."""
    if content_type.partition(";")[0].strip().lower() != _URLENCODED or len(body) > LIMIT_BYTES:
        return None
    return tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class KeptForms:
    """The forms that are kept, by their authors."""

    uow: UnitOfWork
    cipher: FieldCipher
    clock: Clock
    new_id: NewId

    async def keep(self, subject: str, path: str, fields: Fields) -> bool:
        """Keep a form without what is never kept; return False where the person has too many already."""
        now, kept_id = self.clock(), self.new_id()
        kept = [(name, value) for name, value in fields if name not in NEVER_KEPT]
        sealed = self.cipher.encrypt(orjson.dumps(kept), _aad(kept_id, subject))
        own = col(KeptForm.subject) == subject
        async with self.uow() as session:
            await session.exec(delete(KeptForm).where(col(KeptForm.kept_at) < now - KEPT))
            await session.exec(delete(KeptForm).where(own, *_same(path, fields)))
            if (await session.exec(select(func.count()).select_from(KeptForm).where(own))).one() >= _MOST:
                return False
            session.add(
                KeptForm(
                    id=kept_id,
                    subject=subject,
                    path=path,
                    request_id=dict(fields).get(REQUEST_ID, ""),
                    fields=sealed,
                    kept_at=now,
                )
            )
        return True

    async def of(self, subject: str) -> Sequence[Kept]:
        """Return the forms of a person that are still kept, the newest first."""
        oldest = self.clock() - KEPT
        query = select(KeptForm).where(KeptForm.subject == subject, KeptForm.kept_at > oldest)
        async with self.uow() as session:
            rows = (await session.exec(query.order_by(col(KeptForm.kept_at).desc()))).all()
        return [Kept(row.path, row.kept_at, self._opened(row)) for row in rows]

    async def forget(self, subject: str, path: str, fields: Fields) -> None:
        """Forget a form, since a service has taken it."""
        async with self.uow() as session:
            await session.exec(delete(KeptForm).where(col(KeptForm.subject) == subject, *_same(path, fields)))

    def _opened(self, row: KeptForm) -> Fields:
        text = self.cipher.decrypt(row.fields, _aad(row.id, row.subject))
        return tuple((name, value) for name, value in orjson.loads(text))


def _same(path: str, fields: Fields) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions under which a form is the same as this one: it goes to the same place as the same request."""
    request_id = dict(fields).get(REQUEST_ID, "")
    return col(KeptForm.path) == path, col(KeptForm.request_id) == request_id


def _aad(kept_id: UUID, subject: str) -> bytes:
    return b"kept:" + kept_id.bytes + subject.encode()
