"""The route by which a unit reads what it was reminded of."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlmodel import col, select

from services.chassis.http import Problem, Work
from services.chassis.security import Refused, Target, may
from services.reporting.figures import Asking
from services.reporting.ledger.tables import ReminderTable
from services.reporting.ledger.usecases import SEE
from texts import message

_MOST = 500


class ReminderAnswer(BaseModel):
    """One reminder: ``due_soon`` (so many days before ``due``), ``overdue`` (since it), or ``completed`` (stated so late)."""

    unit: str
    form: str
    calendar: str
    period: str
    kind: str
    due: date
    days: int
    state: str
    told_at: datetime


class ReminderList(BaseModel):
    """What the caller's unit was reminded of, newest first."""

    reminders: list[ReminderAnswer]


def reminders_router() -> APIRouter:
    """Return the route; authentication is put before it by the application."""
    router = APIRouter(prefix="/v1", tags=["ledger"])

    @router.get("/reminders", operation_id="list_reminders")
    async def list_reminders(
        reader: Asking,
        work: Work,
        limit: Annotated[
            int, Query(ge=1, le=_MOST, description=str(message("api.parameter.reminders.limit")))
        ] = 100,
    ) -> ReminderList:
        unit = reader.actor.unit
        # Of its own unit alone: what others owe is the ledger's to show, to those who may see it there.
        decision = may(reader.actor, SEE, Target(unit=unit), reader.today)
        if isinstance(decision, Refused):
            raise Problem.refused(decision)
        newest = select(ReminderTable).where(ReminderTable.unit == unit.code)
        newest = newest.order_by(
            col(ReminderTable.told_at).desc(),
            ReminderTable.form,
            ReminderTable.calendar,
            ReminderTable.period,
        )
        async with work() as session:
            found = (await session.exec(newest.limit(limit))).all()
        return ReminderList(
            reminders=[ReminderAnswer.model_validate(row, from_attributes=True) for row in found]
        )

    return router
