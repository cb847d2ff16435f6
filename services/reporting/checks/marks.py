"""Store marks and their notes, and find the lines of a list that they are on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select

from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import FieldCipher
from services.reporting.checks.domain.marks import Kind, Mark, MarkedLines
from services.reporting.checks.queries import Found, Lines
from services.reporting.checks.tables import CheckMarkTable, CheckNoteTable
from services.reporting.checks.usecases import Check
from services.reporting.facts import Connection

KINDS: tuple[Kind, ...] = get_args(Kind)
_KIND: TypeAdapter[Kind] = TypeAdapter(Kind)
_MARKS = """
SELECT
    mark_id, subject, records, areas, kind, to_unit, to_person, held_on, marked_at, marked_by, marked_unit,
    EXISTS (SELECT FROM check_note WHERE check_note.mark_id = check_mark.mark_id)
FROM check_mark
WHERE rule = %(rule)s
  AND marked_at <= coalesce(%(known_at)s::timestamptz, 'infinity')
"""


async def marks_of(connection: Connection, check: Check, known_at: datetime | None) -> MarkedLines:
    """Return every mark on a check's lines that was known at the instant (None: now)."""
    cursor = await connection.execute(_MARKS, {"rule": check.code, "known_at": known_at})
    marks = [
        Mark(mark_id, subject, frozenset(map(UUID, records)), frozenset(areas), _KIND.validate_python(kind), *rest)
        for mark_id, subject, records, areas, kind, *rest in await cursor.fetchall()
    ]  # fmt: skip
    return MarkedLines(marks, persons=check.subject == "person")


def lines_of(marked: MarkedLines) -> Lines:
    """Return the lines that these marks may be on; `on_line` says of each which are."""
    return Lines(marked.subjects, marked.records)


def on_line(marked: MarkedLines, found: Found) -> list[Mark]:
    """Return the marks of a line that the check finds."""
    return marked.on(
        found.subject, (trace.record_id for trace in found.traces if trace.record_id is not None)
    )


class Notes:
    """Notes at rest: encrypted, each tied to its mark. A change of the field key encrypts them anew."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def add(self, session: AsyncSession, rule: str, mark: Mark, note: str | None) -> None:
        """Store a mark and its note."""
        session.add(
            CheckMarkTable(
                mark_id=mark.mark_id,
                rule=rule,
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
            session.add(CheckNoteTable(mark_id=mark.mark_id, sealed=sealed))
        await session.flush()

    async def read(self, connection: Connection, marks: Iterable[Mark]) -> dict[UUID, str]:
        """Return the notes of these marks, by the mark's id."""
        wanted = [mark.mark_id for mark in marks if mark.noted]
        if not wanted:
            return {}
        cursor = await connection.execute(
            "SELECT mark_id, sealed FROM check_note WHERE mark_id = ANY(%s)", (wanted,)
        )
        return {
            mark_id: self._cipher.decrypt(sealed, _place(mark_id)).decode()
            for mark_id, sealed in await cursor.fetchall()
        }

    async def by_key(self, session: AsyncSession) -> Mapping[str, int]:
        """Return how many notes each field key has encrypted."""
        stored = (await session.exec(select(CheckNoteTable.sealed))).all()
        return Counter(self._cipher.key_id(sealed) for sealed in stored)

    async def rotate(self, session: AsyncSession, limit: int) -> int:
        """Encrypt up to so many notes anew under the current key; return how many, 0 when none is left.

        Raises:
            DecryptionFailedError: a note is under a key that is not configured any more.
        """
        head = self._cipher.head
        cursor = await (await raw(session)).execute(
            "SELECT mark_id FROM check_note WHERE substring(sealed FROM 1 FOR %s) <> %s"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            (len(head), head, limit),
        )
        left = [mark_id for (mark_id,) in await cursor.fetchall()]
        notes: Sequence[CheckNoteTable] = (
            await session.exec(select(CheckNoteTable).where(col(CheckNoteTable.mark_id).in_(left)))
        ).all()
        for note in notes:
            place = _place(note.mark_id)
            note.sealed = self._cipher.encrypt(self._cipher.decrypt(note.sealed, place), place)
        return len(notes)


def _place(mark_id: UUID) -> bytes:
    return b"check note:" + mark_id.bytes
