"""Tables beside the generations, written while folding: what came late. A rebuild keeps them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from services.chassis.persistence import count, identifier, instant
from services.reporting.facts.tables import SHARED


class LateArrivalTable(SQLModel, table=True):
    """An event folded after closing ``after_closing`` though its id lies at or below a closing's boundary."""

    __tablename__ = "late_arrival"
    metadata = SHARED

    event_id: UUID = identifier(primary_key=True)
    after_closing: int = count(index=True)


class LateFoldTable(SQLModel, table=True):
    """Facts folded within one minute though later ones were folded before: the least and the latest record time of them."""

    __tablename__ = "late_fold"
    metadata = SHARED

    minute: datetime = instant(primary_key=True)
    last: datetime = instant()
    earliest: datetime = instant()
