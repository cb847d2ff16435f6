"""The table of reminders: each was told once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from services.chassis.persistence import count, identifier, instant, number, words
from services.reporting.facts import SHARED


class ReminderTable(SQLModel, table=True):
    """A reminder that was told: its place and kind are its key, so that no process tells it again."""

    __tablename__ = "reminder"
    __table_args__ = (Index("reminder_period", "calendar", "period"),)
    metadata = SHARED

    unit: str = words(primary_key=True)
    form: str = words(primary_key=True)
    calendar: str = words(primary_key=True)
    period: str = words(primary_key=True)
    kind: str = words(primary_key=True)
    due: date
    days: int = number()
    state: str = words()
    sequence: int = count()
    event_id: UUID = identifier()
    told_at: datetime = instant()
