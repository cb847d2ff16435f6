"""The tables of the audit of reads (see `recording`): the one declaration of each.

Rows are only ever added: a trigger of the migrations refuses anything else. Whoever may drop the trigger may still forge;
the chain and its exported heads are for finding that out.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, MetaData
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, document, identifier, instant, number, small, words

AUDIT = MetaData()
CHAINS = 4
"""Chains side by side, so that processes need not wait for each other."""


class AuditRow(SQLModel, table=True):
    """One read, chained by ``hash`` to the one before it in its chain."""

    __tablename__ = "audit"
    metadata = AUDIT

    chain: int = small(primary_key=True, sa_column_kwargs=GIVEN)
    seq: int = count(primary_key=True, sa_column_kwargs=GIVEN)
    at: datetime = instant()
    subject: str = words()
    unit: str = words()
    role: str = words()
    purpose: str = words()
    method: str = words()
    route: str = words()
    parameters: Any = document(nullable=False)
    status: int = number()
    identities: int = number()
    watermark: str = words()
    etag: str = words()
    correlation: str = words()
    hash: str = words()


class LookRow(SQLModel, table=True):
    """Identities of ``of_unit`` that somebody of another unit has read."""

    __tablename__ = "look"
    __table_args__ = (Index("look_of_unit", "of_unit", "id"),)
    metadata = AUDIT

    id: UUID = identifier(primary_key=True)
    at: datetime = instant()
    of_unit: str = words()
    subject: str = words()
    unit: str = words()
    role: str = words()
    form: str = words()
    identities: int = number()
    purpose: str = words()
    correlation: str = words()


class LookQuestionRow(SQLModel, table=True):
    """Why a look is questioned, by whom."""

    __tablename__ = "look_question"
    __table_args__ = (Index("look_question_look", "look"),)
    metadata = AUDIT

    id: UUID = identifier(primary_key=True)
    look: UUID = identifier(sa_column_args=[ForeignKey("look.id")])
    at: datetime = instant()
    subject: str = words()
    unit: str = words()
    reason: str = words()


class AuditHead(SQLModel, table=True):
    """The end of a chain: where the next row is added."""

    __tablename__ = "audit_head"
    metadata = AUDIT

    chain: int = small(primary_key=True, sa_column_kwargs=GIVEN)
    seq: int = count()
    hash: str = words()
