"""The table of subscriptions. An ended one stays, so that its events can be explained."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from services.chassis.persistence import count, document, identifier, instant, words
from services.reporting.facts import SHARED


class FollowTable(SQLModel, table=True):
    """A subscription to a figure: its question, who asked it, and the values of the last notification (``told``)."""

    __tablename__ = "follow"
    __table_args__ = (Index("follow_unit", "unit", "id", postgresql_where=text("ended_at IS NULL")),)
    metadata = SHARED

    id: UUID = identifier(primary_key=True)
    subject: str = words()
    unit: str = words()
    role: str = words()
    home: str = words()
    figure: str = words()
    asked: Any = document(nullable=False)
    created_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)
    sequence: int = count(sa_column_kwargs={"server_default": "0"})
    told: Any = document(nullable=False)
    told_at: datetime = instant()
