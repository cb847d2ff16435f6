"""The tables of marks on lines of lists. Every service whose lists are marked has its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData
from sqlmodel import SQLModel

from services.chassis.persistence import document, identifier, instant, octets, words

MARKS = MetaData()


class LineMarkTable(SQLModel, table=True):
    """A mark on a line. Rows are only ever added, a trigger refuses anything else.

    ``list_kind`` and ``rule`` say on which list the line is. ``records`` and ``areas`` are those behind the line when it was
    marked: the first find it again where links named its person anew, both say who may read of it when it stands in the list no more.
    """

    __tablename__ = "line_mark"
    __table_args__ = (Index("ix_line_mark_list", "list_kind", "rule"),)
    metadata = MARKS

    mark_id: UUID = identifier(primary_key=True)
    list_kind: str = words()
    rule: str = words()
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


class LineNoteTable(SQLModel, table=True):
    """The note of a mark, encrypted; apart from it, since a change of the field key writes it anew."""

    __tablename__ = "line_note"
    metadata = MARKS

    mark_id: UUID = identifier(primary_key=True)
    sealed: bytes = octets()
