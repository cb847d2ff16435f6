"""The routes of looks: a unit sees which others read its people's identities, and can question each of these looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.chassis.audit import Reading, cleaned, looks_at, note_looks, question, questions, unit_looked_at
from services.chassis.http.app import Caller, Problem, Work, platform_of, require_right
from services.chassis.http.purposes import purpose_of
from services.chassis.persistence import AsyncSession
from services.chassis.runtime import correlation_id
from services.chassis.security import Principal, Refused
from texts import message

PAGE = 500
Admin = Annotated[Principal, Depends(require_right("see_audit"))]
Reader = Annotated[Principal, Depends(require_right("see_looks"))]


async def write_looks(
    request: Request, session: AsyncSession, caller: Principal, form: str, looked: Mapping[str, int]
) -> None:
    """Write down whose identities a request has read of a form, counted by unit: with its purpose, its correlation id, its moment."""
    platform = platform_of(request)
    reading = Reading(form, purpose_of(request), correlation_id.get() or "", platform.clock())
    await note_looks(session, caller, looked, reading, [platform.new_id() for _ in looked])


class Look(BaseModel):
    """Identities of ``of_unit`` that somebody of another unit has read; ``questions``: how often it was questioned."""

    id: UUID
    at: datetime
    of_unit: str
    subject: str
    unit: str
    role: str
    form: str
    identities: int
    purpose: str
    questions: int


class LookPage(BaseModel):
    """One page, the last look first; ``next`` is the ``before`` of the next page, None on the last."""

    looks: list[Look]
    next: UUID | None


class LookQuestion(BaseModel):
    """Why a look is questioned. No names: who questions and who looked is known."""

    reason: str = Field(min_length=3, max_length=500)


class LookQuestioned(BaseModel):
    """A question, and the look that it is about."""

    id: UUID
    look: UUID
    at: datetime
    subject: str
    unit: str
    reason: str
    looked_at: datetime
    looked_by: str
    looking_unit: str
    form: str
    identities: int
    purpose: str


def looks_router() -> APIRouter:
    """Return the routes; `create_app` puts authentication before them."""
    router = APIRouter(prefix="/v1/audit", tags=["audit"])

    @router.get("/looks", operation_id="list_looks")
    async def list_looks(
        caller: Reader,
        work: Work,
        unit: Annotated[str, Query(description=str(message("api.parameter.looks.unit")))] = "",
        before: Annotated[UUID | None, Query(description=str(message("api.parameter.looks.before")))] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
    ) -> LookPage:
        wanted = unit if caller.is_admin else unit or caller.unit
        if not caller.is_admin and wanted != caller.unit:
            raise Problem.refused(Refused("see_audit", (), ("administrator",)), "unit_scope")
        async with work() as session:
            found = await looks_at(session, wanted, before, limit)
        following = found[-1]["id"] if len(found) == limit else None
        return LookPage(looks=[Look(**row) for row in found], next=following)

    @router.post("/looks/{look}/questions", operation_id="question_look", status_code=201)
    async def question_look(
        look: UUID, asked: LookQuestion, caller: Caller, work: Work, request: Request
    ) -> dict[str, str]:
        platform = platform_of(request)
        new_id = platform.new_id()
        async with work() as session:
            # 404 for another unit's look as for none: "you may not" would reveal that there is one.
            if await unit_looked_at(session, look) != caller.unit:
                raise Problem.not_found("look_unknown")
            reason = cleaned(asked.reason)
            await question(session, look, caller, reason, platform.clock(), new_id)
        return {"id": str(new_id)}

    @router.get("/questions", operation_id="list_look_questions")
    async def list_look_questions(
        _: Admin, work: Work, limit: Annotated[int, Query(ge=1, le=PAGE)] = 100
    ) -> list[LookQuestioned]:
        async with work() as session:
            return [LookQuestioned(**row) for row in await questions(session, limit)]

    return router
