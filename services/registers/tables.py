"""The tables of the register engine: persistence only. Every service has its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Column, DateTime, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class RecordTable(SQLModel, table=True):
    """A register row as it stands.

    ``key`` joins the key's parts with U+001F (identity in it is hashed); ``sequence`` is that of its last event;
    ``content`` has no identity; ``identity`` is encrypted; ``digest`` tells unchanged rows without decrypting;
    ``given`` is the record time that the row itself named.
    """

    __tablename__ = "record"

    record_id: UUID = Field(primary_key=True)
    form: str
    unit: str
    key: str
    person_ref: UUID | None = None
    sequence: int = Field(sa_column=Column(sa.BigInteger, nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    identity: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    own_day: date
    area: str | None = None
    voided: bool = False
    handed_in_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    handed_in_by: str


class RecordVersionTable(SQLModel, table=True):
    """What a record said before its present state: one row per replaced hand-in, kept for ever."""

    __tablename__ = "record_version"

    record_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(sa.BigInteger, primary_key=True))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    identity: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    own_day: date
    area: str | None = None
    voided: bool
    handed_in_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    handed_in_by: str


class PersonRefTable(SQLModel, table=True):
    """One opaque reference per number that names a person within a unit ("one number, one person")."""

    __tablename__ = "person_ref"

    form: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    ref: UUID


def create_intake_tables(op: Any) -> None:
    """Create the engine's tables: for the first Alembic revision of a service that owns forms."""
    op.create_table(
        "record",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person_ref", sa.Uuid),
        *_version_columns(),
        sa.UniqueConstraint("form", "unit", "key", name="record_key"),
        sa.CheckConstraint("sequence >= 1", name="record_sequence"),
    )
    op.create_index("record_form", "record", ["form", "record_id"])
    op.create_table(
        "record_version",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("record.record_id"), nullable=False),
        *_version_columns(),
        sa.PrimaryKeyConstraint("record_id", "sequence"),
    )
    op.create_table(
        "person_ref",
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("ref", sa.Uuid, nullable=False, unique=True),
        sa.PrimaryKeyConstraint("form", "unit", "number"),
    )


def _version_columns() -> tuple[sa.Column[Any], ...]:
    moment = sa.DateTime(timezone=True)
    return (
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("identity", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("given", moment),
        sa.Column("own_day", sa.Date, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("voided", sa.Boolean, nullable=False),
        sa.Column("handed_in_at", moment, nullable=False),
        sa.Column("handed_in_by", sa.Text, nullable=False),
    )
