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
    Column,
    Date,
    DateTime,
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

GENERATION = MetaData()
SHARED = MetaData()


_GIVEN = {"autoincrement": False}  # whole numbers that are keys are given, never counted up by the database


def _instant(**more: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **more)


def _text(**more: Any) -> Any:
    return Field(sa_type=Text, **more)


def _id(**more: Any) -> Any:
    return Field(sa_type=Uuid, **more)


def _count(**more: Any) -> Any:
    return Field(sa_type=BigInteger, **more)


class _Version(SQLModel):
    """A version of a record, as its event had it. ``data`` is null where the version is a voiding."""

    record_id: UUID = _id()
    sequence: int = _count()
    event_id: UUID = _id()
    form: str = _text()
    recorded_at: datetime = _instant()
    occurred_on: date
    unit: str = _text()
    grp: str | None = _text(nullable=True)
    data: Any = Field(sa_type=JSON, nullable=True)


class VersionRow(_Version, table=True):
    """Every version of every record."""

    __tablename__ = "version"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    sequence: int = _count(primary_key=True, sa_column_kwargs=_GIVEN)


class VersionReplaced(_Version, table=True):
    """Versions that lost to another event of the same record and sequence. A closing may have counted one of them."""

    __tablename__ = "version_replaced"
    metadata = GENERATION

    record_id: UUID = _id(index=True)
    event_id: UUID = _id(primary_key=True)


class SpellTable(SQLModel, table=True):
    """States with both times. See ``projections.model.Spell``."""

    __tablename__ = "spell"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    kind: str = _text()
    code: str = _text()
    person_ref: UUID | None = None
    area: str | None = _text(nullable=True)
    facility: str | None = _text(nullable=True)
    unit: str = _text()
    sex: str | None = _text(nullable=True)
    age30_on: date | None = None
    attrs: Any = Field(sa_type=JSONB, nullable=True)
    valid_from: date
    valid_to: date


class FactTable(SQLModel, table=True):
    """Things that happened, with the time in which they were known. See ``projections.model.Fact``."""

    __tablename__ = "fact"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    kind: str = _text(primary_key=True)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    code: str = _text()
    occurred_on: date
    person_ref: UUID | None = None
    area: str | None = _text(nullable=True)
    facility: str | None = _text(nullable=True)
    unit: str = _text()
    sex: str | None = _text(nullable=True)
    age30_on: date | None = None
    reason: str | None = _text(nullable=True)
    attrs: Any = Field(sa_type=JSONB, nullable=True)


class PresenceTable(SQLModel, table=True):
    """Statements of where a person is from a day on. See ``projections.model.Statement``."""

    __tablename__ = "presence"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    rank: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs=_GIVEN)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    person_ref: UUID
    presence: str = _text()
    from_on: date
    stated_on: date


class TargetTable(SQLModel, table=True):
    """Assigned targets."""

    __tablename__ = "target"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    figure: str = _text()
    area: str = _text()
    period_from: date
    period_to: date
    value: Decimal = Field(sa_type=Numeric)
    unit: str = _text()


class DeclarationTable(SQLModel, table=True):
    """Declared figures."""

    __tablename__ = "declaration"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    agency: str = _text()
    figure: str = _text()
    area: str = _text()
    as_of: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    value: Decimal = Field(sa_type=Numeric)
    declared_on: date | None = None
    source: str | None = _text(nullable=True)
    unit: str = _text()


class _Link(SQLModel):
    """A version of a person link."""

    record_id: UUID = _id()
    sequence: int = _count()
    event_id: UUID = _id()
    ref: UUID = _id()
    token: UUID = _id()
    basis: str = _text()
    known_from: datetime = _instant()
    known_to: datetime = _instant()
    withdrawn: bool


class LinkTable(_Link, table=True):
    """Person links, the latest version of each. A withdrawn one links nothing at any time."""

    __tablename__ = "link"
    metadata = GENERATION

    record_id: UUID = _id(primary_key=True)
    ref: UUID = _id(index=True)
    token: UUID = _id(index=True)


class LinkReplaced(_Link, table=True):
    """Earlier versions of person links: what a closing counted by, though it was withdrawn or changed since."""

    __tablename__ = "link_replaced"
    metadata = GENERATION

    record_id: UUID = _id(index=True)
    event_id: UUID = _id(primary_key=True)


class PersonTable(SQLModel, table=True):
    """Which reference goes by which name when (record time). A reference without a row goes by its own."""

    __tablename__ = "person"
    metadata = GENERATION

    ref: UUID = _id(primary_key=True)
    known_from: datetime = _instant(primary_key=True)
    known_to: datetime = _instant()
    person: UUID = _id(index=True)


class WatermarkTable(SQLModel, table=True):
    """One row: what is in the generation. ``first``/``last`` are record times, ``changes`` grows with every batch."""

    __tablename__ = "watermark"
    metadata = GENERATION

    one: bool = Field(default=True, primary_key=True)
    first_recorded_at: datetime | None = _instant(default=None, nullable=True)
    last_recorded_at: datetime | None = _instant(default=None, nullable=True)
    versions: int = _count(sa_column_kwargs={"server_default": "0"})
    changes: int = _count(sa_column_kwargs={"server_default": "0"})


# What the cells are made of and kept in: see ``cells``. Names of places are compared byte by byte.
_NAME = Text(collation="C")
AGGREGATES = (
    Table(
        "cell",
        GENERATION,
        # Widest first, so that nothing is lost between them.
        Column("node", BigInteger, nullable=False),
        Column("block", Integer, nullable=False),
        Column("slot", Integer, nullable=False),
        Column("series", SmallInteger, nullable=False),
        Column("n", Numeric, nullable=False),
        # In the order of the questions: one about all communes reads neighbouring pages of each block.
        PrimaryKeyConstraint("series", "block", "node", "slot"),
    ),
    Table(
        "repeated",
        GENERATION,
        Column("node", BigInteger, nullable=False),
        Column("earlier_block", Integer, nullable=False),
        Column("earlier", Integer, nullable=False),
        Column("block", Integer, nullable=False),
        Column("slot", Integer, nullable=False),
        Column("series", SmallInteger, nullable=False),
        Column("n", Numeric, nullable=False),
        PrimaryKeyConstraint("series", "earlier_block", "node", "earlier", "block", "slot"),
    ),
    Table(
        "counted",
        GENERATION,
        Column("holder", Uuid, nullable=False),
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
        Column("node", BigInteger, primary_key=True, autoincrement=False),
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

    ``shape`` is the hash of the shape that its tables were made in, null where an older program made them.
    """

    __tablename__ = "generation"
    metadata = SHARED

    number: int = _count(primary_key=True, sa_column_kwargs=_GIVEN)
    state: str = _text()
    asked_at: datetime = _instant()
    asked_by: str = _text()
    started_at: datetime | None = _instant(default=None, nullable=True)
    live_at: datetime | None = _instant(default=None, nullable=True)
    ended_at: datetime | None = _instant(default=None, nullable=True)
    error: str | None = _text(nullable=True)
    shape: str | None = _text(nullable=True)


FOLD_INDEXES = ("CREATE INDEX version_grp ON version (grp) WHERE grp IS NOT NULL",)
QUESTION_INDEXES = (
    # What most questions need of a row is in the index: one with known_at reads a stretch of it and no rows at all.
    "CREATE INDEX spell_state ON spell (kind, code, valid_to, valid_from)"
    " INCLUDE (known_from, known_to, person_ref, area)",
    "CREATE INDEX fact_day ON fact (kind, occurred_on) INCLUDE (known_from, known_to, code, person_ref, area)",
    "CREATE INDEX presence_person ON presence (person_ref, from_on)",
    "CREATE INDEX target_period ON target (figure, area, period_from, period_to)",
    "CREATE INDEX declaration_figure ON declaration (figure, area)",
    "CREATE INDEX spell_person ON spell (person_ref) WHERE person_ref IS NOT NULL",
    "CREATE INDEX fact_person ON fact (person_ref) WHERE person_ref IS NOT NULL",
    "CREATE INDEX counted_holder ON counted (holder)",
    "CREATE INDEX repeated_later ON repeated (series, block, node, slot, earlier)",
)
