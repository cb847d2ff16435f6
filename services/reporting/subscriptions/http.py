"""The routes of subscriptions to figures: begin one, list them, end one."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import Caller, Problem, Work
from services.chassis.platform import Platform
from services.chassis.problems import documented, texts
from services.reporting.figures import Asking, QueryService, Reader, Reading, answered
from services.reporting.subscriptions import model, repository
from services.reporting.subscriptions.model import Follow, Values
from services.reporting.subscriptions.shapes import (
    FollowList,
    FollowMade,
    follow_example,
    follows_example,
    request_example,
)


class FollowRequest(BaseModel):
    """A figure to follow, asked as in ``GET /v1/figures/{code}``; a stock without ``as_of`` is always today's."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra=lambda schema: schema.update(example=request_example()),
    )

    figure: str
    area: str | None = None
    as_of: str | None = None
    first: str | None = Field(default=None, alias="from")
    last: str | None = Field(default=None, alias="to")
    calendar: str | None = None
    period: str | None = None
    geography: str | None = None
    by: str | None = None
    area_of: str | None = None

    def asked(self) -> dict[str, str]:
        """Return the parameters of the question."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"figure"})


def follows_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["machines"])

    def silence(follow: Follow, reader: Reader) -> dict[str, Any]:
        """Return why the reader gets no notifications of a subscription: its area has ended, or he may not see its values."""
        try:
            model.question_of(queries, follow, reader, platform.clock())
        except Problem as problem:
            return {"silent": {"rule": problem.rule, **texts(problem.title)}}
        return {}

    @router.post(
        "/follows",
        status_code=201,
        operation_id="create_follow",
        responses={
            **answered(FollowMade, follow_example(), 201),
            409: documented("api.response.follow_limit"),
        },
    )
    async def follow(wanted: FollowRequest, reader: Asking, work: Work) -> dict[str, Any]:
        now, caller = platform.clock(), reader.caller
        made = Follow(
            platform.new_id(),
            caller.subject,
            caller.unit,
            caller.role,
            caller.area,
            wanted.figure,
            wanted.asked(),
            now,
            0,
            {},
            now,
        )
        question = model.question_of(queries, made, reader, now)

        async def values(reading: Reading) -> Values:
            return model.values_of(await reading.answer(question, reader, now), question)

        # The values at the start: the first event must be a change, not what was there before.
        made = replace(made, told=await queries.read(values))
        async with work() as session:
            # Every follow is answered again whenever the tables move: the limit keeps that work bounded.
            if len(await repository.listed(session, caller.unit)) >= model.MAX_FOLLOWS:
                raise Problem(409, "follow_limit", maximum=model.MAX_FOLLOWS)
            await repository.add(session, made)
        rows = {row: value for row, value in made.told.items() if row != model.TOTAL}
        return made.document() | {"value": made.told[model.TOTAL], "rows": rows}

    @router.get(
        "/follows",
        operation_id="list_follows",
        responses=answered(FollowList, follows_example()),
    )
    async def follows(reader: Asking, work: Work) -> dict[str, Any]:
        caller = reader.caller
        async with work() as session:
            found = await repository.listed(session, caller.unit)
        # How often a number changed is shown only to readers who may see its values.
        shown = [entry for entry in found if entry.subject == caller.subject or not silence(entry, reader)]
        return {
            "follows": [
                entry.document() | silence(entry, reader.colleague(entry.follower)) for entry in shown
            ]
        }

    @router.delete("/follows/{follow}", status_code=204, operation_id="delete_follow")
    async def unfollow(follow: UUID, caller: Caller, work: Work) -> Response:
        async with work() as session:
            # Looked for in the caller's unit only: another unit's id is answered like one that does not exist.
            ended = await repository.end(session, follow, caller.unit, platform.clock())
        if not ended:
            raise Problem.not_found("follow_unknown")
        return Response(status_code=204)

    return router
