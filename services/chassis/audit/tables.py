"""The tables of the audit of reads (see `recording`): the one declaration of each.

Rows are only ever added: a trigger of the migrations refuses anything else. Whoever may drop the trigger may still forge;
the chain and its exported heads are for finding that out.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, document, instant, number, small, words

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


class AuditHead(SQLModel, table=True):
    """The end of a chain: where the next row is added."""

    __tablename__ = "audit_head"
    metadata = AUDIT

    chain: int = small(primary_key=True, sa_column_kwargs=GIVEN)
    seq: int = count()
    hash: str = words()
