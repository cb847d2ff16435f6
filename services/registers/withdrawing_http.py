"""``POST /v1/records/{record}/withdrawal``: a record is withdrawn by its address, for a reason."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import Caller, Work
from services.registers.engine import Intake
from services.registers.outcomes import OutcomeName
from services.registers.withdrawing import withdraw_as


class WithdrawalRequest(BaseModel):
    """Why the record is withdrawn: `entered_twice`, `wrong_person`, `wrong_unit`, `not_a_case` or `other`.

    ``note`` says it in words, at most 500 characters; with `other` it is needed.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: str = Field(max_length=64)
    note: str = Field(default="", max_length=2_000)


class WithdrawalAnswer(BaseModel):
    """What became of the record; ``unchanged``: it was withdrawn already, and the reason of then stays."""

    record: UUID
    outcome: OutcomeName


def withdrawals_router(intake: Intake) -> APIRouter:
    """Return the route; `create_app` puts authentication before it."""
    router = APIRouter(prefix="/v1/records", tags=["registers"])

    @router.post("/{record}/withdrawal", operation_id="withdraw_record")
    async def withdraw_record(
        record: UUID, said: WithdrawalRequest, request: Request, caller: Caller, work: Work
    ) -> WithdrawalAnswer:
        outcome = await withdraw_as(request, caller, work, intake, record, said.reason, said.note)
        return WithdrawalAnswer(record=record, outcome=outcome)

    return router
