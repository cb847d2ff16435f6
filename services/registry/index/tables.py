"""Tables of the person index, and the index by which registry finds the records of a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, text
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, document, identifier, instant, small, words

PERSON_INDEX = MetaData()


def find_records_by_person(whole: MetaData) -> MetaData:
    """Add to the tables of the whole service the index that only registry needs on its records; returns them."""
    Index("record_person", whole.tables["record"].c.person_ref)
    return whole


class ObservedVersion(SQLModel, table=True):
    """One version of one record of any service, as its event told it: opaque references and tokens only.

    ``ref`` is null where the version withdraws the record. Rows are only ever added.
    """

    __tablename__ = "observed_version"
    __table_args__ = tuple(
        Index(f"observed_version_{name}", column, postgresql_where=text(f"{column} IS NOT NULL"))
        for name, column in (("ref", "ref"), ("nid12", "nid12"), ("nid9", "nid9"), ("name", "name_birth_sex"))
    )
    metadata = PERSON_INDEX

    record_id: UUID = identifier(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    ref: UUID | None = identifier(default=None)
    nid12: UUID | None = identifier(default=None)
    nid9: UUID | None = identifier(default=None)
    name_birth_sex: UUID | None = identifier(default=None)
    recorded_at: datetime = instant()
    form: str = words()
    unit: str = words()


class ToldVersion(SQLModel, table=True):
    """What one version of a record tells another agency (``sharing.csv``), and the commune of residence in it."""

    __tablename__ = "told_version"
    metadata = PERSON_INDEX

    record_id: UUID = identifier(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    commune: str = words()
    told: dict[str, Any] = document()


class PersonEdge(SQLModel, table=True):
    """An edge as its last event told it; ``sequence`` is that event's, ``withdrawn`` that it was an unlinking."""

    __tablename__ = "person_edge"
    __table_args__ = (Index("person_edge_ref", "ref"), Index("person_edge_person", "person"))
    metadata = PERSON_INDEX

    edge_id: UUID = identifier(primary_key=True)
    ref: UUID = identifier()
    person: UUID = identifier()
    basis: str = words()
    ordinal: int = small()
    known_from: datetime = instant()
    known_until: datetime | None = instant(default=None)
    sequence: int = count()
    withdrawn: bool
