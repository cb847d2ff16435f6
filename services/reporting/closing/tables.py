"""The tables of closed periods. Persistence only; rows are only ever added, triggers refuse anything else."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from services.reporting.facts import SHARED


def _instant() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def _text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


class ClosingTable(SQLModel, table=True):
    """One edition of a closed period.

    ``number`` is its place in the office's chain; ``series`` the id of the period's first edition; ``area`` an area
    uid. ``document`` is the closing as canonical JSON, byte for byte as it was sealed. ``boundary`` is the greatest
    event id that had been folded: together with ``late_arrival`` it says exactly what the closing had heard of.
    """

    __tablename__ = "closing"
    metadata = SHARED

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    id: UUID = Field(unique=True)
    series: UUID
    edition: int
    supersedes: UUID | None = None
    calendar: str = _text()
    period: str = _text()
    first: date
    last: date
    area: str = _text()
    figures: str = _text()
    known_at: datetime = _instant()
    closed_at: datetime = _instant()
    official: Any = Field(sa_column=Column(JSONB, nullable=False))
    cells: int
    content_hash: str = _text()
    previous_hash: str = _text()
    entry_hash: str = _text()
    signature: str = _text()
    key_id: str = _text()
    boundary: UUID | None = None
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RevisionTable(SQLModel, table=True):
    """A list of revisions that an official took note of. ``document`` is the list as canonical JSON."""

    __tablename__ = "closing_revision"
    metadata = SHARED

    closing: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    known_at: datetime = _instant()
    noted_at: datetime = _instant()
    official: Any = Field(sa_column=Column(JSONB, nullable=False))
    cells: int
    list_hash: str = _text()
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LateArrivalTable(SQLModel, table=True):
    """An event folded after closing ``after_closing`` though its id lies at or below a closing's boundary."""

    __tablename__ = "late_arrival"
    metadata = SHARED

    event_id: UUID = Field(primary_key=True)
    after_closing: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
