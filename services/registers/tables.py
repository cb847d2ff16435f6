"""The tables of the register engine: the one declaration of each. Every service that keeps forms has its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from services.chassis.persistence import (
    GIVEN,
    count,
    document,
    identifier,
    instant,
    number,
    octets,
    smalls,
    words,
)

RECORDS = MetaData()
DESK = MetaData()
"""Of services whose units hand registers in and have a desk, besides `RECORDS`."""


class _Content(SQLModel):
    """What a record says, and when and by whom it was handed in."""

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


class RecordTable(_Content, table=True):
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


def find_records_by_person(whole: MetaData, *, few: bool = False) -> MetaData:
    """Add to the tables of a service the index by which the records of a person are found; return them.

    ``few``: most records of the service are about nobody, such as doses, and stay out of it.
    """
    person = whole.tables["record"].c.person_ref
    Index("record_person", person, postgresql_where=text("person_ref IS NOT NULL") if few else None)
    return whole


class RecordVersionTable(_Content, table=True):
    """What a record said before its present state: one row per replaced hand-in, kept for ever."""

    __tablename__ = "record_version"
    metadata = RECORDS

    record_id: UUID = identifier(primary_key=True, foreign_key="record.record_id")
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)


class RecordSearchTable(SQLModel, table=True):
    """By what a record is found: its folded number, and keyed tokens of who it is about (`services.registers.blind_index`).

    ``tokens`` are of all its versions, so that a former name or number finds it too. ``key_id`` is the field key beside
    which the key of the tokens stands; empty where only some versions are in. There is no row of a form that is not searched.
    """

    __tablename__ = "record_search"
    __table_args__ = (
        Index("record_search_unit", "form", "unit"),
        Index("record_search_number", "number", postgresql_ops={"number": "text_pattern_ops"}),
        # A table of single tokens in a B-tree is nine times as large, and a name asked of it takes forty times as long.
        Index("record_search_tokens", "tokens", postgresql_using="gin"),
    )
    metadata = DESK

    record_id: UUID = identifier(primary_key=True)
    form: str = words()
    unit: str = words()
    number: str = words()
    key_id: str = words()
    tokens: list[int] = smalls()


class PersonRefTable(SQLModel, table=True):
    """One opaque reference per number that names a person within a unit ("one number, one person")."""

    __tablename__ = "person_ref"
    metadata = RECORDS

    form: str = words(primary_key=True)
    unit: str = words(primary_key=True)
    number: str = words(primary_key=True)
    ref: UUID = identifier(unique=True)


class NumberApartTable(SQLModel, table=True):
    """A number that folds to the same as another number of its unit, and yet names records of its own.

    Only from before numbers were folded (0.2.0): such records are kept apart and told, not merged in silence.
    """

    __tablename__ = "number_apart"
    metadata = DESK

    form: str = words(primary_key=True)
    unit: str = words(primary_key=True)
    number: str = words(primary_key=True)
    folded: str = words()


class LinkageEpochTable(SQLModel, table=True):
    """One row: the epoch of the linkage secret under which the service's events have their keys.

    ``step`` is how far a rotation to the next epoch has come (`services.registers.renewing`); ``at_record`` and
    ``at_event`` are the last record and the last outbox row that it has dealt with.
    """

    __tablename__ = "linkage_epoch"
    metadata = DESK

    one: bool = Field(default=True, primary_key=True)
    epoch: int = number()
    step: str = words()
    at_record: UUID | None = identifier(default=None)
    at_event: int = count()


class LinkagePairTable(SQLModel, table=True):
    """A linkage key under the former secret and under the next one. Filled during a rotation only, and emptied by it."""

    __tablename__ = "linkage_pair"
    metadata = DESK

    former: str = words(primary_key=True)
    renewed: str = words()


class StatementTable(SQLModel, table=True):
    """What a unit says of one register for one period: everything is handed in (complete), or nothing happened (nil).

    ``sequence`` is that of its last event; a withdrawn one stays, so that the next says that it is another version.
    ``written_on`` is the day on which the unit says that it wrote it down, ``stated_at`` when it was received.
    """

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("unit", "form", "calendar", "period", name="statement_place"),
        CheckConstraint("says IN ('complete', 'nil')", name="statement_says"),
    )
    metadata = DESK

    statement_id: UUID = identifier(primary_key=True)
    unit: str = words()
    form: str = words()
    calendar: str = words()
    period: str = words()
    says: str = words()
    withdrawn: bool
    sequence: int = count()
    written_on: date | None = None
    stated_at: datetime = instant()
    stated_by: str = words()


class DraftTable(SQLModel, table=True):
    """What somebody has typed into a form and not saved yet (``sealed``, encrypted), for this person alone.

    ``request_id`` is the form's own id, which the record will be saved under. ``record`` is the one to be corrected, null
    for a new one. ``sealed`` is null once the form is saved: what arrives late makes no draft again.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("draft_kept_at", "kept_at"),)
    metadata = DESK

    subject: str = words(primary_key=True)
    request_id: UUID = identifier(primary_key=True)
    form: str = words()
    record: UUID | None = identifier(default=None)
    sealed: bytes | None = octets(default=None)
    kept_at: datetime = instant()


class PreviewTable(SQLModel, table=True):
    """Rows that somebody pasted or dropped, with what would become of them, until they are confirmed or have expired.

    ``subject`` and ``caller_unit`` are whose it is; ``counts`` has the number of rows by verdict; ``sealed`` everything else.
    """

    __tablename__ = "preview"
    __table_args__ = (
        Index("preview_owner", "subject", "caller_unit"),
        Index("preview_expires_at", "expires_at"),
    )
    metadata = DESK

    preview_id: UUID = identifier(primary_key=True)
    form: str = words()
    subject: str = words()
    caller_unit: str = words()
    purpose: str = words()
    version: int = count()
    changed_at: datetime = instant()
    expires_at: datetime = instant()
    confirmed_at: datetime | None = instant(default=None)
    counts: dict[str, Any] = document(nullable=False)
    sealed: bytes = octets()


class WithdrawalTable(SQLModel, table=True):
    """Why a record was withdrawn, by the sequence of the withdrawal: a code of ``reference.WITHDRAWAL``; ``note``, encrypted, in words.

    A row of a register that withdraws a record names no reason, and has no row here.
    """

    __tablename__ = "withdrawal"
    metadata = DESK

    record_id: UUID = identifier(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    reason: str = words()
    note: bytes | None = octets(default=None)


class DayChangeTable(SQLModel, table=True):
    """Days off that were changed while the system runs, as reporting told them; ``number`` counts the confirmations."""

    __tablename__ = "day_change"
    __table_args__ = (CheckConstraint("kind IN ('off', 'worked', 'listed')", name="day_change_kind"),)
    metadata = DESK

    number: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    kind: str = words()
    first: date
    last: date
    confirmed_at: datetime = instant()
