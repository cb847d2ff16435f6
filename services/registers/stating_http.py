"""The route by which a unit states what it has handed in for a period."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.chassis.http import Caller, Work
from services.chassis.persistence import Origin
from services.chassis.platform import Platform
from services.chassis.runtime import correlation_id, current_traceparent, get_logger
from services.registers.engine import Intake
from services.registers.statement_request import StatementRequest, state_as
from services.registers.stating import Outcome, Says

_log = get_logger(__name__)


class StatedRegister(BaseModel):
    """What became of one statement; ``unchanged``: it stood already, or nothing stood that could be withdrawn."""

    form: str
    says: Says
    outcome: Outcome
    statement: UUID | None


class StatementAnswer(BaseModel):
    """What became of all of them."""

    unit: str
    calendar: str
    period: str
    statements: list[StatedRegister]


def statements_router(platform: Platform, intake: Intake) -> APIRouter:
    """Return the route; `create_app` puts authentication before it."""
    router = APIRouter(prefix="/v1", tags=["registers"])

    @router.post("/statements", operation_id="state_hand_ins")
    async def state_hand_ins(said: StatementRequest, caller: Caller, work: Work) -> StatementAnswer:
        order = said.order(caller.unit)
        unit, period = order.unit, order.period
        origin = Origin(
            intake.service,
            correlation_id.get() or str(platform.new_id()),
            traceparent=current_traceparent(),
        )
        async with work() as session:
            made = await state_as(
                session, intake, caller, order, now=platform.clock(), new_id=platform.new_id, origin=origin
            )
        _log.info(
            "hand-ins stated", unit=unit, calendar=period.calendar, period=period.code, statements=len(made)
        )
        return StatementAnswer(
            unit=unit,
            calendar=period.calendar,
            period=period.code,
            statements=[
                StatedRegister(form=one.form, says=one.says, outcome=one.outcome, statement=one.statement)
                for one in made
            ],
        )

    return router
