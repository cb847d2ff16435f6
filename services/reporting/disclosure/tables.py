"""The table of releases. Rows are only added; a database trigger refuses to change or delete them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Identity, Index, text
from sqlmodel import Field, SQLModel

from services.chassis.persistence import count, instant, number, words
from services.reporting.facts import SHARED


class ReleaseTable(SQLModel, table=True):
    """The numbers of a family and window as outsiders see them, edition by edition."""

    __tablename__ = "disclosure_release"
    __table_args__ = (
        # A stock has no first day: one that is missing must not count as different from another that is missing.
        Index(
            "disclosure_release_window",
            "family",
            "period_to",
            text("coalesce(period_from, 'infinity')"),
            "edition",
            unique=True,
        ),
    )
    metadata = SHARED

    id: int | None = count(default=None, primary_key=True, sa_column_args=[Identity(always=True)])
    family: str = words()
    period_from: date | None = None
    period_to: date
    edition: int = number()
    known_at: datetime = instant()
    document: Any = Field(sa_type=JSON, nullable=False)
