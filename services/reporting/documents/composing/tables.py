"""The tables of composed reports: what each is about, and its steps. Rows are only ever added, a trigger refuses anything else."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, identifier, instant, number, words
from services.reporting.facts import SHARED


class ComposedReportTable(SQLModel, table=True):
    """A report of an area and a span: ``year 2023``, ``civil 2023-Q4``, or ``closing`` and the id of one edition."""

    __tablename__ = "composed_report"
    __table_args__ = (UniqueConstraint("report", "area", "span"),)
    metadata = SHARED

    report_id: UUID = identifier(primary_key=True)
    report: str = words()
    area: str = words()
    span: str = words()


class ReportStepTable(SQLModel, table=True):
    """A step of a report, with the texts and the state that stand after it. The number is the key, so no two are the same one.

    ``source`` is the closing whose report the texts were taken over from.
    """

    __tablename__ = "report_step"
    metadata = SHARED

    report_id: UUID = identifier(primary_key=True)
    number: int = number(primary_key=True, sa_column_kwargs=GIVEN)
    act: str = words()
    state: str = words()
    at: datetime = instant()
    by: str = words()
    unit: str = words()
    remarks: str = words()
    causes: str = words()
    directions: str = words()
    recommendations: str = words()
    reason: str | None = words(default=None)
    known_at: datetime | None = instant(default=None, nullable=True)
    source: UUID | None = identifier(default=None)
