"""Tables beside the generations, written while folding: what came late. A rebuild keeps them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from services.chassis.persistence import GIVEN, count, identifier, instant
from services.reporting.facts.tables import SHARED


class LateArrivalTable(SQLModel, table=True):
    """An event folded after closing ``after_closing`` though its id lies at or below a closing's boundary.

    Record and sequence belong to it: nothing keeps two events from having one id. Sequence 0 stands for any of them: it
    was noted before they were told apart.
    """

    __tablename__ = "late_arrival"
    metadata = SHARED

    event_id: UUID = identifier(primary_key=True)
    record_id: UUID = identifier(
        primary_key=True, sa_column_kwargs={"server_default": "00000000-0000-0000-0000-000000000000"}
    )
    sequence: int = count(primary_key=True, sa_column_kwargs=GIVEN | {"server_default": "0"})
    after_closing: int = count(index=True)


class LateFoldTable(SQLModel, table=True):
    """Facts folded within one minute though later ones were folded before: the least and the latest record time of them."""

    __tablename__ = "late_fold"
    metadata = SHARED

    minute: datetime = instant(primary_key=True)
    last: datetime = instant()
    earliest: datetime = instant()
