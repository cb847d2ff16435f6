"""The tables of the register engine: the one declaration of each. Every service that keeps forms has its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, MetaData, UniqueConstraint
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, document, identifier, instant, octets, words

RECORDS = MetaData()


class RecordTable(SQLModel, table=True):
    """A register row as it stands.

    ``key`` joins the key's parts with U+001F (identity in it is hashed); ``sequence`` is that of its last event;
    ``content`` has no identity; ``identity`` is encrypted; ``digest`` tells unchanged rows without decrypting;
    ``given`` is the record time that the row itself named.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("form", "unit", "key", name="record_key"),
        CheckConstraint("sequence >= 1", name="record_sequence"),
        Index("record_form", "form", "record_id"),
    )
    metadata = RECORDS

    record_id: UUID = identifier(primary_key=True)
    form: str = words()
    unit: str = words()
    key: str = words()
    person_ref: UUID | None = identifier(default=None)
    sequence: int = count()
    content: dict[str, Any] = document(nullable=False)
    identity: bytes | None = octets(default=None)
    digest: bytes = octets()
    recorded_at: datetime = instant()
    given: datetime | None = instant(default=None)
    own_day: date
    area: str | None = words(default=None)
    voided: bool
    handed_in_at: datetime = instant()
    handed_in_by: str = words()


class RecordVersionTable(SQLModel, table=True):
    """What a record said before its present state: one row per replaced hand-in, kept for ever."""

    __tablename__ = "record_version"
    metadata = RECORDS

    record_id: UUID = identifier(primary_key=True, foreign_key="record.record_id")
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    content: dict[str, Any] = document(nullable=False)
    identity: bytes | None = octets(default=None)
    digest: bytes = octets()
    recorded_at: datetime = instant()
    given: datetime | None = instant(default=None)
    own_day: date
    area: str | None = words(default=None)
    voided: bool
    handed_in_at: datetime = instant()
    handed_in_by: str = words()


class PersonRefTable(SQLModel, table=True):
    """One opaque reference per number that names a person within a unit ("one number, one person")."""

    __tablename__ = "person_ref"
    metadata = RECORDS

    form: str = words(primary_key=True)
    unit: str = words(primary_key=True)
    number: str = words(primary_key=True)
    ref: UUID = identifier(unique=True)
