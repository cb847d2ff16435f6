"""Tables of the person index."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, SmallInteger
from sqlmodel import Field, SQLModel


class ObservedVersion(SQLModel, table=True):
    """One version of one record of any service, as its event told it: opaque references and tokens only.

    ``ref`` is null where the version withdraws the record. Rows are only ever added.
    """

    __tablename__ = "observed_version"
    __table_args__ = (
        Index("observed_version_ref", "ref", postgresql_where="ref IS NOT NULL"),
        Index("observed_version_nid12", "nid12", postgresql_where="nid12 IS NOT NULL"),
        Index("observed_version_nid9", "nid9", postgresql_where="nid9 IS NOT NULL"),
        Index("observed_version_name", "name_birth_sex", postgresql_where="name_birth_sex IS NOT NULL"),
    )

    record_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True))
    ref: UUID | None = None
    nid12: UUID | None = None
    nid9: UUID | None = None
    name_birth_sex: UUID | None = None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    form: str
    unit: str


class PersonEdge(SQLModel, table=True):
    """An edge as its last event told it; ``sequence`` is that event's, ``withdrawn`` that it was an unlinking."""

    __tablename__ = "person_edge"
    __table_args__ = (Index("person_edge_ref", "ref"), Index("person_edge_person", "person"))

    edge_id: UUID = Field(primary_key=True)
    ref: UUID
    person: UUID
    basis: str
    ordinal: int = Field(sa_column=Column(SmallInteger, nullable=False))
    known_from: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    known_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    withdrawn: bool
