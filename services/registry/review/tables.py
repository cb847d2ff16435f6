"""Tables of the review queue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, text
from sqlmodel import Field, SQLModel

from services.chassis.persistence import count, document, identifier, instant, number, octets, words

REVIEW = MetaData()


class ReviewPairTable(SQLModel, table=True):
    """Two references of the register that may be one person; ``one`` is the lesser. No value of either is stored.

    ``fields`` has the level of agreement of each field, ``score`` their weight, null where one of the two has no record in
    force. ``known`` is a digest of what both say of who they are. ``joined``: records of both sides' units, and decisions, make them one person now. ``version`` grows with every change.
    """

    __tablename__ = "review_pair"
    __table_args__ = (
        Index("review_pair_one", "one"),
        Index("review_pair_other", "other"),
        Index("review_pair_open", "score", "pair_id", postgresql_where=text("NOT joined")),
    )
    metadata = REVIEW

    pair_id: UUID = identifier(primary_key=True)
    one: UUID = identifier()
    other: UUID = identifier()
    unit_one: str = words()
    unit_other: str = words()
    score: int | None = number(nullable=True)
    fields: Any = document(nullable=False)
    known: str = words()
    joined: bool
    version: int = count()
    found_at: datetime = instant()


class ReviewDecisionTable(SQLModel, table=True):
    """What somebody decided about a pair, and how it ended: ``ended_reason`` is a code, or ``known_changed`` where another decision came after what was known had changed.

    A pair has one decision at most that stands (``ended_at`` is null).
    """

    __tablename__ = "review_decision"
    __table_args__ = (
        Index("review_decision_pair", "pair_id"),
        Index("review_decision_standing", "pair_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )
    metadata = REVIEW

    decision_id: UUID = identifier(primary_key=True)
    pair_id: UUID = identifier(foreign_key="review_pair.pair_id")
    verdict: str = words()
    reason: str = words()
    known: str = words()
    decided_at: datetime = instant()
    decided_by: str = words()
    decided_unit: str = words()
    ended_at: datetime | None = instant(default=None)
    ended_by: str | None = words(default=None)
    ended_unit: str | None = words(default=None)
    ended_reason: str | None = words(default=None)


class ReviewNoteTable(SQLModel, table=True):
    """The note of a decision, or of its undoing (``ending``), encrypted."""

    __tablename__ = "review_note"
    metadata = REVIEW

    decision_id: UUID = identifier(primary_key=True, foreign_key="review_decision.decision_id")
    ending: bool = Field(primary_key=True)
    sealed: bytes = octets()
