"""The table of amendments: who proposed what, and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from services.chassis.persistence import count, identifier, instant, words
from services.reporting.facts import SHARED


class AmendmentTable(SQLModel, table=True):
    """An amendment of a rule table (``days_off``). A decided row stays as it is; the trigger of its migration refuses changes."""

    __tablename__ = "amendment"
    __table_args__ = (
        # Two persons, whatever a program does; and one withdraws what is one's own.
        CheckConstraint(
            "state = 'proposed' OR (decided_by = proposed_by) = (state = 'withdrawn')",
            name="amendment_two_persons",
        ),
        CheckConstraint(
            "state IN ('proposed', 'confirmed', 'rejected', 'withdrawn')", name="amendment_state"
        ),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="amendment_decision"),
        CheckConstraint("(state = 'confirmed') = (number IS NOT NULL)", name="amendment_number"),
        CheckConstraint("kind IN ('off', 'worked', 'listed')", name="amendment_kind"),
        # The same proposal sent twice is one.
        Index(
            "amendment_proposed_once",
            "rule_table",
            "kind",
            "first",
            "last",
            "proposed_by",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("amendment_order", "rule_table", "number", unique=True),
    )
    metadata = SHARED

    id: UUID = identifier(primary_key=True)
    rule_table: str = words()
    kind: str = words()
    first: date
    last: date
    reason: str = words()
    proposed_by: str = words()
    proposed_from: str = words()
    proposed_at: datetime = instant()
    state: str = words()
    decided_by: str | None = words(default=None)
    decided_from: str | None = words(default=None)
    decided_at: datetime | None = instant(default=None)
    decided_because: str | None = words(default=None)
    number: int | None = count(default=None)
