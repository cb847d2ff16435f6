"""The tables that every service has: the one declaration of each. Migrations make them, and are compared with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, MetaData, Table, UniqueConstraint, text
from sqlmodel import SQLModel

from services.chassis.persistence.columns import (
    GIVEN,
    count,
    document,
    identifier,
    instant,
    number,
    octets,
    words,
)

CHASSIS = MetaData()
_NOW = {"server_default": text("now()")}


def merged(*parts: MetaData) -> MetaData:
    """Return all tables of a service's database in one collection, copied: what belongs to one service alone is added there."""
    whole = MetaData()
    for part in parts:
        for table in part.sorted_tables:
            table.to_metadata(whole)
    return whole


def columns_of(table: type[SQLModel], *without: str) -> tuple[str, ...]:
    """Return the names of a table's columns in the order of their declaration, without some: for statements by hand."""
    declared: Table = table.__table__  # type: ignore[attr-defined]
    return tuple(column.name for column in declared.columns if column.name not in without)


class Outbox(SQLModel, table=True):
    """One event. Unsent while ``sent_at`` is null; then it names the partition and offset it went to."""

    __tablename__ = "outbox"
    __table_args__ = (
        # The relay asks for what is unsent: few rows of a table that keeps every event for ever.
        Index("outbox_unsent", "id", postgresql_where=text("sent_at IS NULL")),
        Index("outbox_subject", "subject", "sequence"),
    )
    metadata = CHASSIS

    id: int | None = count(default=None, primary_key=True, sa_column_args=[Identity(always=True)])
    event_id: UUID = identifier()
    topic: str = words()
    key: str | None = words(default=None)
    subject: str = words()
    sequence: int = count()
    payload: bytes | None = octets(default=None)
    headers: list[list[str | None]] | None = document(default=None, nullable=True)
    recorded_at: datetime = instant()
    created_at: datetime = instant(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    sent_at: datetime | None = instant(default=None)
    sent_partition: int | None = number(default=None)
    sent_offset: int | None = count(default=None)


class RelayLog(SQLModel, table=True):
    """What the relay remembers of a partition: which log epoch it writes to, and the last offset it was given."""

    __tablename__ = "relay_log"
    metadata = CHASSIS

    topic: str = words(primary_key=True)
    partition: int = number(primary_key=True, sa_column_kwargs=GIVEN)
    incarnation: str = words()
    last_offset: int | None = count(default=None)


class RevokedToken(SQLModel, table=True):
    """A token that was revoked before its end, by its id (``jti``); kept until it would have ended."""

    __tablename__ = "revoked_token"
    metadata = CHASSIS

    id: str = words(primary_key=True)
    until: datetime = instant()
    revoked_at: datetime = instant()
    revoked_by: str = words()


class Inbox(SQLModel, table=True):
    """An event that a consumer has applied, for effects that are not idempotent by themselves."""

    __tablename__ = "inbox"
    metadata = CHASSIS

    consumer: str = words(primary_key=True)
    event_id: str = words(primary_key=True)
    applied_at: datetime = instant(sa_column_kwargs=_NOW)


class PositionRow(SQLModel, table=True):
    """How far a consumer has applied a partition, and in which log epoch (column ``incarnation``).

    ``log_end`` is the offset behind the last record as a process of the consumer saw it at ``seen_at``.
    """

    __tablename__ = "position"
    metadata = CHASSIS

    consumer: str = words(primary_key=True)
    topic: str = words(primary_key=True)
    partition: int = number(primary_key=True, sa_column_kwargs=GIVEN)
    incarnation: str = words()
    next_offset: int = count()
    moved_at: datetime = instant(sa_column_kwargs=_NOW)
    log_end: int | None = count(default=None)
    seen_at: datetime | None = instant(default=None)


class DeadLetter(SQLModel, table=True):
    """A message that could not be applied, byte for byte until it is erased, with the reason and what became of it."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        UniqueConstraint("consumer", "topic", "partition", "incarnation", "offset"),
        CheckConstraint("status IN ('waiting', 'retried', 'discarded', 'erased')", name="dead_letter_status"),
        Index("dead_letter_digest", "consumer", "topic", "digest"),
        Index("dead_letter_waiting", "id", postgresql_where=text("status = 'waiting'")),
    )
    metadata = CHASSIS

    id: int | None = count(default=None, primary_key=True, sa_column_args=[Identity(always=True)])
    consumer: str = words()
    topic: str = words()
    partition: int = number()
    offset: int = count()
    incarnation: str = words()
    digest: bytes = octets()
    key: bytes | None = octets(default=None)
    value: bytes | None = octets(default=None)
    headers: Any = document(nullable=False)
    sent_at: datetime = instant()
    reason: str = words()
    error: str = words()
    failed_at: datetime = instant()
    status: str = words(sa_column_kwargs={"server_default": "waiting"})
    attempts: int = number(sa_column_kwargs={"server_default": "1"})
    settled_at: datetime | None = instant(default=None)
    settled_by: str | None = words(default=None)
    erased_because: str | None = words(default=None)


class ConsumerState(SQLModel, table=True):
    """The circuit breaker of a consumer: dead letters in a row, and why it was stopped.

    ``asked_at``: when somebody wanted to know what waits for it. ``failures`` counts faults that ended its process, the
    last by the class ``failure``, one soon after the other.
    """

    __tablename__ = "consumer_state"
    metadata = CHASSIS

    consumer: str = words(primary_key=True)
    consecutive: int = number(sa_column_kwargs={"server_default": "0"})
    stopped_at: datetime | None = instant(default=None)
    reason: str | None = words(default=None)
    asked_at: datetime | None = instant(default=None)
    failures: int = number(sa_column_kwargs={"server_default": "0"})
    failure: str | None = words(default=None)


class ApprovalRow(SQLModel, table=True):
    """A request for a second person's approval and what became of it; the rules are in ``security.approvals``."""

    __tablename__ = "approval"
    __table_args__ = (
        # Two persons, whatever a program does.
        CheckConstraint("decided_by <> asked_by", name="approval_two_persons"),
        CheckConstraint("used >= 0 AND used <= rows", name="approval_used_once"),
        Index("approval_open", "expires_at"),
    )
    metadata = CHASSIS

    id: UUID = identifier(primary_key=True)
    action: str = words()
    form: str = words()
    unit: str = words()
    item: str = words()
    rows: int = number()
    reason: str = words()
    asked_by: str = words()
    asked_from: str = words()
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    decided_by: str | None = words(default=None)
    decided_at: datetime | None = instant(default=None)
    approved: bool | None = None
    used: int = number(sa_column_kwargs={"server_default": "0"})
    used_at: datetime | None = instant(default=None)


class IdentityReading(SQLModel, table=True):
    """How many identities somebody was shown at a moment, kept for an hour: more than a few are an export."""

    __tablename__ = "identity_reading"
    __table_args__ = (Index("identity_reading_subject", "subject", "at"),)
    metadata = CHASSIS

    id: UUID = identifier(primary_key=True)
    subject: str = words()
    at: datetime = instant()
    identities: int = number()
