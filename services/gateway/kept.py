"""What somebody had typed when his session ended: kept for half an hour, encrypted, for the same person alone."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from python_multipart.exceptions import FormParserError
from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

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
_PARTS = "multipart/form-data"

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent with a form: its texts in their order, and the names of the fields in which a file was chosen.

    The files themselves are not here: they are long, and their sender still has them.
    """

    fields: Fields
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """One form that was sent too late: where to, when, and what was typed."""

    path: str
    at: datetime
    typed: Typed


async def typed_in(content_type: str, body: bytes) -> Typed | None:
    """Return what a form was sent with; None of what is no form, or is too long to be kept."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > LIMIT_BYTES:
        return None
    if kind == _URLENCODED:
        return Typed(tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    return await _of_parts(content_type, body) if kind == _PARTS else None


async def _of_parts(content_type: str, body: bytes) -> Typed | None:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    headers = Headers({"content-type": content_type})
    try:
        form = await MultiPartParser(headers, whole(), max_part_size=LIMIT_BYTES).parse()
    except (MultiPartException, FormParserError):
        return None
    sent = form.multi_items()
    # A browser sends a field of files also where none was chosen.
    files = tuple(name for name, value in sent if isinstance(value, UploadFile) and value.filename)
    await form.close()
    return Typed(tuple((name, value) for name, value in sent if isinstance(value, str)), files)


@dataclass(frozen=True, slots=True)
class KeptForms:
    """The forms that are kept, by their authors."""

    uow: UnitOfWork
    cipher: FieldCipher
    clock: Clock
    new_id: NewId

    async def keep(self, subject: str, path: str, typed: Typed) -> bool:
        """Keep a form without what is never kept; return False where the person has too many already."""
        now, kept_id, fields = self.clock(), self.new_id(), typed.fields
        kept = [(name, value) for name, value in fields if name not in NEVER_KEPT]
        content = orjson.dumps({"fields": kept, "files": typed.files})
        sealed = self.cipher.encrypt(content, _aad(kept_id, subject))
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

    def _opened(self, row: KeptForm) -> Typed:
        found = orjson.loads(self.cipher.decrypt(row.fields, _aad(row.id, row.subject)))
        # Up to version 0.3.0 the fields alone were kept; such a form may wait while the program is exchanged.
        held = {"fields": found, "files": ()} if isinstance(found, list) else found
        return Typed(tuple((name, value) for name, value in held["fields"]), tuple(held["files"]))


def _same(path: str, fields: Fields) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions under which a form is the same as this one: it goes to the same place as the same request."""
    request_id = dict(fields).get(REQUEST_ID, "")
    return col(KeptForm.path) == path, col(KeptForm.request_id) == request_id


def _aad(kept_id: UUID, subject: str) -> bytes:
    return b"kept:" + kept_id.bytes + subject.encode()
