"""The tables of marks on check lists, beside the generations: a rebuild keeps them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from services.chassis.persistence import document, identifier, instant, octets, words
from services.reporting.facts import SHARED


class CheckMarkTable(SQLModel, table=True):
    """A mark on a line. Rows are only ever added, a trigger refuses anything else.

    ``records`` and ``areas`` are those behind the line when it was marked: the first find it again where links named its
    person anew, both say who may read of it when it stands in the list no more.
    """

    __tablename__ = "check_mark"
    metadata = SHARED

    mark_id: UUID = identifier(primary_key=True)
    rule: str = words(index=True)
    subject: str = words()
    records: Any = document(nullable=False)
    areas: Any = document(nullable=False)
    kind: str = words()
    to_unit: str | None = words(default=None)
    to_person: str | None = words(default=None)
    held_on: date
    marked_at: datetime = instant()
    marked_by: str = words()
    marked_unit: str = words()


class CheckNoteTable(SQLModel, table=True):
    """The note of a mark, encrypted; apart from it, since a change of the field key writes it anew."""

    __tablename__ = "check_note"
    metadata = SHARED

    mark_id: UUID = identifier(primary_key=True)
    sealed: bytes = octets()
