"""Previews at rest: one row each, encrypted under the field key and tied to its id; of others than its owner as if it were not."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from contracts.envelope import VIETNAM
from reference import kept_for
from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import FieldCipher, Principal
from services.registers.previews.model import Content, Preview, Verdict

MOST_OPEN = 20
"""How many previews of one person wait at once."""
_AT_ONCE = 50  # of a rotation: one preview has up to some megabytes
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
_OWN = "subject = %(subject)s AND caller_unit = %(unit)s AND expires_at > %(now)s"


def kept_until(now: datetime) -> datetime:
    """Return until when a preview is kept that is changed now, by the rule of the day (``reference/data/keeping.csv``)."""
    return now + kept_for("preview", now.astimezone(VIETNAM).date())


@dataclass(frozen=True, slots=True)
class Waiting:
    """A preview in a list: when it was last changed, and how many rows of each verdict it has."""

    preview_id: UUID
    form: str
    changed_at: datetime
    counts: Mapping[Verdict, int]


class Previews:
    """Stores previews and finds them again. A change of the field key encrypts them anew."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def add(self, session: AsyncSession, preview: Preview, now: datetime) -> None:
        """Store a new preview; where one of this id is there already, as after a double click, leave it as it is."""
        await self.forget(session, now)
        await (await raw(session)).execute(
            "INSERT INTO preview (preview_id, form, subject, caller_unit, purpose, version, changed_at, expires_at, counts, sealed)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (preview_id) DO NOTHING",
            (
                preview.preview_id,
                preview.form,
                preview.subject,
                preview.unit,
                preview.purpose,
                preview.version,
                now,
                kept_until(now),
                Jsonb(dict(preview.content.counts())),
                await self._sealed(preview),
            ),
        )

    async def read(
        self, session: AsyncSession, preview_id: UUID, caller: Principal, now: datetime, *, lock: bool = False
    ) -> Preview | None:
        """Return the caller's own preview; None for another's, one that has expired, and one that there is not.

        ``lock``: until the transaction ends nobody else changes or confirms it.
        """
        cursor = await (await raw(session)).execute(
            "SELECT form, purpose, version, expires_at, confirmed_at, sealed FROM preview"
            f" WHERE preview_id = %(id)s AND {_OWN}{' FOR UPDATE' if lock else ''}",
            {"id": preview_id, **_owner(caller, now)},
        )
        found = await cursor.fetchone()
        if found is None:
            return None
        form, purpose, version, expires_at, confirmed_at, sealed = found
        content = await asyncio.to_thread(self._opened, preview_id, sealed)
        return Preview(
            preview_id, form, caller.subject, caller.unit, purpose, version, expires_at, content, confirmed_at
        )

    async def put(self, session: AsyncSession, preview: Preview, now: datetime) -> None:
        """Store a changed preview as its next version.

        Where another request was quicker, what that one stored stays, and this one's version is 0: nobody can confirm it.
        """
        preview.version += 1
        preview.expires_at = kept_until(now)
        cursor = await (await raw(session)).execute(
            "UPDATE preview SET version = %s, changed_at = %s, expires_at = %s, confirmed_at = %s, counts = %s, sealed = %s"
            " WHERE preview_id = %s AND version = %s",
            (
                preview.version,
                now,
                preview.expires_at,
                preview.confirmed_at,
                Jsonb(dict(preview.content.counts())),
                await self._sealed(preview),
                preview.preview_id,
                preview.version - 1,
            ),
        )
        if not cursor.rowcount:
            preview.version = 0

    async def waiting(
        self, session: AsyncSession, caller: Principal, now: datetime, form: str | None = None
    ) -> list[Waiting]:
        """Return the caller's previews that are neither confirmed nor expired, the latest first."""
        cursor = await (await raw(session)).execute(
            f"SELECT preview_id, form, changed_at, counts FROM preview WHERE {_OWN} AND confirmed_at IS NULL"
            " AND (%(form)s::text IS NULL OR form = %(form)s) ORDER BY changed_at DESC, preview_id",
            {"form": form, **_owner(caller, now)},
        )
        return [Waiting(*row) for row in await cursor.fetchall()]

    async def remove(self, session: AsyncSession, preview_id: UUID, caller: Principal) -> None:
        """Remove the caller's own preview, if there is one of this id."""
        await (await raw(session)).execute(
            "DELETE FROM preview WHERE preview_id = %s AND subject = %s AND caller_unit = %s",
            (preview_id, caller.subject, caller.unit),
        )

    async def forget(self, session: AsyncSession, now: datetime) -> int:
        """Remove what has expired, whose ever it is; return how many."""
        cursor = await (await raw(session)).execute("DELETE FROM preview WHERE expires_at <= %s", (now,))
        return cursor.rowcount

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many previews each field key has encrypted."""
        cursor = await (await raw(session)).execute("SELECT substring(sealed FROM 1 FOR 300) FROM preview")
        return Counter(self._cipher.key_id(head) for (head,) in await cursor.fetchall())

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many previews anew under the current key; return how many, 0 when none is left.

        Raises:
            DecryptionFailedError: a preview is under a key that is not configured any more.
        """
        connection, head = await raw(session), self._cipher.head
        cursor = await connection.execute(
            "SELECT preview_id, sealed FROM preview WHERE substring(sealed FROM 1 FOR %s) <> %s"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            (len(head), head, min(limit, _AT_ONCE)),
        )
        left: Sequence[Any] = await cursor.fetchall()
        for preview_id, sealed in left:
            place = _place(preview_id)
            fresh = self._cipher.encrypt(self._cipher.decrypt(sealed, place), place)
            await connection.execute(
                "UPDATE preview SET sealed = %s WHERE preview_id = %s", (fresh, preview_id)
            )
        return len(left)

    async def _sealed(self, preview: Preview) -> bytes:
        # Beside the event loop: thousands of rows would keep other requests waiting.
        return await asyncio.to_thread(self._closed, preview.preview_id, preview.content)

    def _closed(self, preview_id: UUID, content: Content) -> bytes:
        return self._cipher.encrypt(zlib.compress(_CONTENT.dump_json(content), 1), _place(preview_id))

    def _opened(self, preview_id: UUID, sealed: bytes) -> Content:
        return _CONTENT.validate_json(zlib.decompress(self._cipher.decrypt(sealed, _place(preview_id))))


def _owner(caller: Principal, now: datetime) -> Mapping[str, Any]:
    return {"subject": caller.subject, "unit": caller.unit, "now": now}


def _place(preview_id: UUID) -> bytes:
    return b"preview:" + preview_id.bytes
