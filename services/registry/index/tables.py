"""Tables of the person index."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, text
from sqlmodel import Field, SQLModel

from services.chassis.persistence import GIVEN, count, document, identifier, instant, small, words

PERSON_INDEX = MetaData()


class ObservedVersion(SQLModel, table=True):
    """One version of one record of any service, as its event told it: opaque references and tokens only.

    ``sex``, ``number_name``, ``number_birth``, ``number_year`` and ``number_doubted`` are what the record says beside its national
    ID (`services.linkage.Said`), null where the event did not tell it. ``ref`` is null where the version withdraws the record. ``recorded_at`` is the record time of the event, which a row may
    set back; ``handed_in_at`` is when the owning service wrote the event. Rows are only ever added.
    """

    __tablename__ = "observed_version"
    __table_args__ = tuple(
        Index(f"observed_version_{name}", column, postgresql_where=text(f"{column} IS NOT NULL"))
        for name, column in (
            ("ref", "ref"),
            ("nid12", "nid12"),
            ("nid9", "nid9"),
            ("name", "name_birth_sex"),
            ("folded", "name_folded"),
        )
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
    handed_in_at: datetime = instant()
    sex: str | None = words(nullable=True)
    number_name: UUID | None = identifier(default=None)
    number_birth: UUID | None = identifier(default=None)
    number_year: UUID | None = identifier(default=None)
    name_folded: UUID | None = identifier(default=None)
    number_doubted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class SharedVersion(SQLModel, table=True):
    """What one version of a record tells another agency (``sharing.csv``), and the commune of residence in it."""

    __tablename__ = "shared_version"
    metadata = PERSON_INDEX

    record_id: UUID = identifier(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    commune: str = words()
    shared: dict[str, Any] = document()


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


class NameRank(SQLModel, table=True):
    """The rank of a name token among those that existed at the last rotation of the linkage secret (`Token.rank`).

    It cannot be made anew from events: whoever fills the index anew must keep it.
    """

    __tablename__ = "name_rank"
    metadata = PERSON_INDEX

    token: UUID = identifier(primary_key=True)
    rank: int = count()


class TokenRenewal(SQLModel, table=True):
    """The new token of a former one, as events told again have shown it. Only during a rotation."""

    __tablename__ = "token_renewal"
    metadata = PERSON_INDEX

    former: UUID = identifier(primary_key=True)
    renewed: UUID = identifier()


class PostponedRecord(SQLModel, table=True):
    """A record of which a version came during a rotation: its links are computed when that has renamed the tokens."""

    __tablename__ = "postponed_record"
    metadata = PERSON_INDEX

    record_id: UUID = identifier(primary_key=True)


class ReviewDue(SQLModel, table=True):
    """A reference of which something changed (a record, or a link) since the review queue last looked at it."""

    __tablename__ = "review_due"
    metadata = PERSON_INDEX

    ref: UUID = identifier(primary_key=True)
