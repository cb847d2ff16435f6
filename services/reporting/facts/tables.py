"""The tables of a generation: what the log amounts to. Persistence only; the columns follow ``projections.model``.

A generation is a schema (``g<number>``) holding all of these. A rebuild fills a new one beside the old, so no
table here names its schema. Indexes that only questions need are in ``QUESTION_INDEXES``: a rebuild makes them last.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlmodel import Field, SQLModel

from services.chassis.persistence import GIVEN, count, identifier, instant, words

GENERATION = MetaData()
SHARED = MetaData()


class _Version(SQLModel):
    """A version of a record, as its event had it. ``data`` is null where the version is a voiding."""

    record_id: UUID = identifier()
    sequence: int = count()
    event_id: UUID = identifier()
    form: str = words()
    recorded_at: datetime = instant()
    occurred_on: date
    unit: str = words()
    grp: str | None = words(nullable=True)
    data: Any = Field(sa_type=JSON, nullable=True)


class VersionRow(_Version, table=True):
    """Every version of every record."""

    __tablename__ = "version"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)


class VersionReplaced(_Version, table=True):
    """Versions that lost to another event of the same record and sequence. A closing may have counted one of them."""

    __tablename__ = "version_replaced"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True, index=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    event_id: UUID = identifier(primary_key=True)


class SpellTable(SQLModel, table=True):
    """States with both times. See ``projections.model.Spell``."""

    __tablename__ = "spell"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    kind: str = words()
    code: str = words()
    person_ref: UUID | None = None
    area: str | None = words(nullable=True)
    facility: str | None = words(nullable=True)
    unit: str = words()
    sex: str | None = words(nullable=True)
    age30_on: date | None = None
    attrs: Any = Field(sa_type=JSONB, nullable=True)
    valid_from: date
    valid_to: date


class FactTable(SQLModel, table=True):
    """Things that happened, with the time in which they were known. See ``projections.model.Fact``."""

    __tablename__ = "fact"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    kind: str = words(primary_key=True)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    code: str = words()
    occurred_on: date
    person_ref: UUID | None = None
    area: str | None = words(nullable=True)
    facility: str | None = words(nullable=True)
    unit: str = words()
    sex: str | None = words(nullable=True)
    age30_on: date | None = None
    reason: str | None = words(nullable=True)
    attrs: Any = Field(sa_type=JSONB, nullable=True)


class PresenceTable(SQLModel, table=True):
    """Statements of where a person is from a day on. See ``projections.model.Statement``."""

    __tablename__ = "presence"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    rank: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs=GIVEN)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    person_ref: UUID
    presence: str = words()
    from_on: date
    stated_on: date


class TargetTable(SQLModel, table=True):
    """Assigned targets."""

    __tablename__ = "target"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    figure: str = words()
    area: str = words()
    period_from: date
    period_to: date
    value: Decimal = Field(sa_type=Numeric)
    unit: str = words()


class DeclarationTable(SQLModel, table=True):
    """Declared figures."""

    __tablename__ = "declaration"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    agency: str = words()
    figure: str = words()
    area: str = words()
    as_of: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    value: Decimal = Field(sa_type=Numeric)
    declared_on: date | None = None
    source: str | None = words(nullable=True)
    unit: str = words()


class _Link(SQLModel):
    """A version of a person link."""

    record_id: UUID = identifier()
    sequence: int = count()
    event_id: UUID = identifier()
    ref: UUID = identifier()
    token: UUID = identifier()
    basis: str = words()
    known_from: datetime = instant()
    known_to: datetime = instant()
    withdrawn: bool


class LinkTable(_Link, table=True):
    """Person links, the latest version of each. A withdrawn one links nothing at any time."""

    __tablename__ = "link"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True)
    ref: UUID = identifier(index=True)
    token: UUID = identifier(index=True)


class LinkReplaced(_Link, table=True):
    """Earlier versions of person links: what a closing counted by, though it was withdrawn or changed since."""

    __tablename__ = "link_replaced"
    metadata = GENERATION

    record_id: UUID = identifier(primary_key=True, index=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    event_id: UUID = identifier(primary_key=True)


class PersonTable(SQLModel, table=True):
    """Which reference goes by which name when (record time). A reference without a row goes by its own."""

    __tablename__ = "person"
    metadata = GENERATION

    ref: UUID = identifier(primary_key=True)
    known_from: datetime = instant(primary_key=True)
    known_to: datetime = instant()
    person: UUID = identifier(index=True)


class WatermarkTable(SQLModel, table=True):
    """One row: what is in the generation. ``first``/``last`` are record times, ``changes`` grows with every batch."""

    __tablename__ = "watermark"
    metadata = GENERATION

    one: bool = Field(default=True, primary_key=True)
    first_recorded_at: datetime | None = instant(default=None, nullable=True)
    last_recorded_at: datetime | None = instant(default=None, nullable=True)
    versions: int = count(sa_column_kwargs={"server_default": "0"})
    changes: int = count(sa_column_kwargs={"server_default": "0"})


# What the cells are made of and kept in: see ``cells``. Names of places are compared byte by byte.
_NAME = Text(collation="C")
AGGREGATES = (
    Table(
        "cell",
        GENERATION,
        # Widest first, so that nothing is lost between them.
        Column("area_set", BigInteger, nullable=False),
        Column("block", Integer, nullable=False),
        Column("bucket", Integer, nullable=False),
        Column("series", SmallInteger, nullable=False),
        Column("n", Numeric, nullable=False),
        # In the order of the questions: one about all communes reads neighbouring pages of each block.
        PrimaryKeyConstraint("series", "block", "area_set", "bucket"),
    ),
    Table(
        "repeated",
        GENERATION,
        Column("area_set", BigInteger, nullable=False),
        Column("earlier_block", Integer, nullable=False),
        Column("earlier", Integer, nullable=False),
        Column("block", Integer, nullable=False),
        Column("bucket", Integer, nullable=False),
        Column("series", SmallInteger, nullable=False),
        Column("n", Numeric, nullable=False),
        PrimaryKeyConstraint("series", "earlier_block", "area_set", "earlier", "block", "bucket"),
    ),
    Table(
        "counted",
        GENERATION,
        Column("subject", Uuid, nullable=False),
        Column("series", SmallInteger, nullable=False),
        Column("place", _NAME, nullable=False),
        Column("since", Date, nullable=False),
        Column("until", Date),
        Column("n", Numeric, nullable=False),
    ),
    Table(
        "part",
        GENERATION,
        Column("place", _NAME, primary_key=True),
        Column("area_set", BigInteger, primary_key=True, autoincrement=False),
        Column("since", Date, nullable=False),
        Column("until", Date, nullable=False),
    ),
)
# What folding leaves for those who keep the cells current: whose rows it touched, and whether there are cells at all.
MARKS = (
    Table(
        "dirty",
        GENERATION,
        Column("ref", Uuid, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    ),
    Table(
        "covered",
        GENERATION,
        Column("one", Boolean, primary_key=True, server_default=text("true")),
        Column("fingerprint", Text),
    ),
)


class GenerationRow(SQLModel, table=True):
    """Generations of the tables. Exactly one is ``live``; at most one is ``building``.

    ``shape`` is the hash of the shape that its tables were made in, null where an older program made them. With
    ``links_held`` no more person links are folded into it (`services.reporting.facts.renewal`).
    """

    __tablename__ = "generation"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'building', 'live', 'ended', 'failed')", name="generation_state"),
        Index("generation_one_live", "state", unique=True, postgresql_where=text("state = 'live'")),
    )
    metadata = SHARED

    number: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    state: str = words()
    asked_at: datetime = instant()
    asked_by: str = words()
    started_at: datetime | None = instant(default=None, nullable=True)
    live_at: datetime | None = instant(default=None, nullable=True)
    ended_at: datetime | None = instant(default=None, nullable=True)
    error: str | None = words(nullable=True)
    shape: str | None = words(nullable=True)
    links_held: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


FOLD_INDEXES = ("CREATE INDEX version_grp ON version (grp) WHERE grp IS NOT NULL",)
QUESTION_INDEXES = (
    # The index contains the columns that most questions need: a question with known_at reads the index and no rows.
    "CREATE INDEX spell_state ON spell (kind, code, valid_to, valid_from)"
    " INCLUDE (known_from, known_to, person_ref, area)",
    "CREATE INDEX fact_day ON fact (kind, occurred_on) INCLUDE (known_from, known_to, code, person_ref, area)",
    "CREATE INDEX presence_person ON presence (person_ref, from_on)",
    "CREATE INDEX target_period ON target (figure, area, period_from, period_to)",
    "CREATE INDEX declaration_figure ON declaration (figure, area)",
    "CREATE INDEX spell_person ON spell (person_ref) WHERE person_ref IS NOT NULL",
    "CREATE INDEX fact_person ON fact (person_ref) WHERE person_ref IS NOT NULL",
    "CREATE INDEX link_waits ON link (token) INCLUDE (ref, known_from, known_to)"
    " WHERE basis IN ('contradiction', 'structure', 'too_many') AND NOT withdrawn",
    "CREATE INDEX counted_subject ON counted (subject)",
    "CREATE INDEX repeated_later ON repeated (series, block, area_set, bucket, earlier)",
)
