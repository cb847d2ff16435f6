"""The tables of closed periods: the one declaration of each. Rows are only ever added, triggers refuse anything else."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, identifier, instant, octets, words
from services.chassis.persistence import document as as_json
from services.chassis.persistence import number as whole
from services.reporting.facts import SHARED


class ClosingTable(SQLModel, table=True):
    """One edition of a closed period.

    ``number`` is its place in the office's chain; ``series`` the id of the period's first edition; ``area`` an area
    uid. ``document`` is the closing as canonical JSON, byte for byte as it was sealed. ``boundary`` is the greatest
    event id that had been folded: together with ``late_arrival`` it says exactly what the closing knew of.
    """

    __tablename__ = "closing"
    __table_args__ = (
        UniqueConstraint("calendar", "period", "area", "figures", "edition"),
        UniqueConstraint("series", "edition"),
    )
    metadata = SHARED

    number: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    id: UUID = identifier(unique=True)
    series: UUID = identifier()
    edition: int = whole()
    # One edition takes the place of another, and one entry follows another: a fork of the chain is refused here.
    supersedes: UUID | None = identifier(default=None, unique=True)
    calendar: str = words()
    period: str = words()
    first: date
    last: date
    area: str = words()
    figures: str = words()
    known_at: datetime = instant()
    closed_at: datetime = instant()
    official: Any = as_json(nullable=False)
    cells: int = whole()
    content_hash: str = words()
    previous_hash: str = words(unique=True)
    entry_hash: str = words(unique=True)
    signature: str = words()
    key_id: str = words()
    boundary: UUID | None = identifier(default=None)
    document: bytes = octets()


class RevisionTable(SQLModel, table=True):
    """A list of revisions that an official took note of. ``document`` is the list as canonical JSON."""

    __tablename__ = "closing_revision"
    metadata = SHARED

    closing: UUID = identifier(primary_key=True)
    revision: int = whole(primary_key=True, sa_column_kwargs=GIVEN)
    known_at: datetime = instant()
    noted_at: datetime = instant()
    official: Any = as_json(nullable=False)
    cells: int = whole()
    list_hash: str = words()
    document: bytes = octets()
