"""Store marks and their notes, and read those of a list."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import psycopg
from pydantic import TypeAdapter

from services.chassis.persistence import AsyncSession
from services.chassis.sealing import seal_anew, sealed_by_key
from services.chassis.security import FieldCipher
from services.marks.standing import Kind, Mark, MarkedLines, MarkedList
from services.marks.tables import LineMarkTable, LineNoteTable

Connection = psycopg.AsyncConnection[Any]
KINDS: tuple[Kind, ...] = get_args(Kind)
_KIND: TypeAdapter[Kind] = TypeAdapter(Kind)
_MARKS = """
SELECT
    mark_id, subject, records, areas, kind, to_unit, to_person, held_on, marked_at, marked_by, marked_unit,
    EXISTS (SELECT FROM line_note WHERE line_note.mark_id = line_mark.mark_id)
FROM line_mark
WHERE list_kind = %(kind)s
  AND rule = %(rule)s
  AND marked_at <= coalesce(%(known_at)s::timestamptz, 'infinity')
"""


async def marks_of(connection: Connection, of: MarkedList, known_at: datetime | None) -> MarkedLines:
    """Return every mark on a list's lines that was known at the instant (None: now)."""
    cursor = await connection.execute(_MARKS, {"kind": of.kind, "rule": of.rule, "known_at": known_at})
    marks = [
        Mark(mark_id, subject, frozenset(map(UUID, records)), frozenset(areas), _KIND.validate_python(kind), *rest)
        for mark_id, subject, records, areas, kind, *rest in await cursor.fetchall()
    ]  # fmt: skip
    return MarkedLines(marks, persons=of.persons)


class Notes:
    """Notes at rest: encrypted, each tied to its mark. A change of the field key encrypts them anew."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def add(self, session: AsyncSession, of: MarkedList, mark: Mark, note: str | None) -> None:
        """Store a mark on a line of a list, and its note."""
        session.add(
            LineMarkTable(
                mark_id=mark.mark_id,
                list_kind=of.kind,
                rule=of.rule,
                subject=mark.subject,
                records=sorted(map(str, mark.records)),
                areas=sorted(mark.areas),
                kind=mark.kind,
                to_unit=mark.to_unit,
                to_person=mark.to_person,
                held_on=mark.on,
                marked_at=mark.marked_at,
                marked_by=mark.by,
                marked_unit=mark.by_unit,
            )
        )
        if note is not None:
            sealed = self._cipher.encrypt(note.encode(), _place(mark.mark_id))
            session.add(LineNoteTable(mark_id=mark.mark_id, sealed=sealed))
        await session.flush()

    async def read(self, connection: Connection, marks: Iterable[Mark]) -> dict[UUID, str]:
        """Return the notes of these marks, by the mark's id."""
        wanted = [mark.mark_id for mark in marks if mark.noted]
        if not wanted:
            return {}
        cursor = await connection.execute(
            "SELECT mark_id, sealed FROM line_note WHERE mark_id = ANY(%s)", (wanted,)
        )
        return {
            mark_id: self._cipher.decrypt(sealed, _place(mark_id)).decode()
            for mark_id, sealed in await cursor.fetchall()
        }

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many notes each field key has encrypted."""
        return await sealed_by_key(session, self._cipher, LineNoteTable)

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many notes anew under the current key; return how many, 0 when none is left.

        Raises:
            DecryptionFailedError: a note is under a key that is not configured any more.
        """
        return await seal_anew(session, self._cipher, LineNoteTable, lambda row: _place(row.mark_id), limit)


def _place(mark_id: UUID) -> bytes:
    # Notes of every kind of list: the name is of the time when only checks had marks, and what is stored is sealed with it.
    return b"check note:" + mark_id.bytes
