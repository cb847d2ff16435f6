"""The routes of rebuilding, for administrators only: ask for a rebuild from the whole log, and see its progress."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from contracts.topics import PERSON_TOPICS
from services.chassis.http import Problem, Work, require_right
from services.chassis.kafka import erasing
from services.chassis.persistence import UnitOfWork
from services.chassis.platform import Platform
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.reporting.facts import generations, rebuilding

log = get_logger(__name__)
Rebuilds = Annotated[Principal, Depends(require_right("rebuild"))]
Rotates = Annotated[Principal, Depends(require_right("rotate_keys"))]
_CONFLICT: dict[int | str, dict[str, Any]] = {409: documented("api.response.rotation")}
_POLL_SECONDS = 0.1


class HeldLinks(BaseModel):
    """Whether the live generation folds no more person links, because a rotation gives them other tokens."""

    held: bool


class ForgottenLetters(BaseModel):
    """How many dead letters of events with former keys were erased. ``logs_forgot``: their copies on topics, too.

    False: the broker or the relay is away, and it has to be asked for once more.
    """

    letters: int
    logs_forgot: bool


def rebuild_router(platform: Platform) -> APIRouter:
    """Return both routes; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])

    @router.post("/rebuild", operation_id="start_rebuild", responses=_CONFLICT)
    async def rebuild(
        caller: Rebuilds,
        work: Work,
        response: Response,
        wait_seconds: Annotated[float, Query(ge=0, le=3_600)] = 3_000,
    ) -> dict[str, Any]:
        return await _outcome(work, await rebuilding.ask(platform, caller), wait_seconds, response)

    @router.get("/rebuild", operation_id="list_rebuilds")
    async def rebuilds(_: Rebuilds, work: Work) -> dict[str, Any]:
        return {"generations": await _states(work)}

    return router


def renewal_router(platform: Platform) -> APIRouter:
    """Return the routes of a rotation of the linkage secret (`services.reporting.facts.renewal`)."""
    router = APIRouter(prefix="/v1/keys/linkage", tags=["operations"])

    @router.get("", operation_id="get_links_held")
    async def held(_: Rotates, work: Work) -> HeldLinks:
        async with work() as session:
            return HeldLinks(held=await generations.links_held(session))

    @router.post("/hold", operation_id="hold_links", responses=_CONFLICT)
    async def hold(caller: Rotates, work: Work) -> HeldLinks:
        async with work() as session:
            if not await generations.hold_links(session):
                raise Problem(409, "rebuild_unfinished")
        log.warning("no more links are folded", by=caller.subject)
        return HeldLinks(held=True)

    @router.post("/rebuild", operation_id="rebuild_renewed")
    async def rebuild(
        caller: Rotates,
        work: Work,
        response: Response,
        wait_seconds: Annotated[float, Query(ge=0, le=3_600)] = 3_000,
    ) -> dict[str, Any]:
        async with work() as session:
            number = await generations.ask(session, platform.clock(), caller.subject)
        log.warning("rebuild from renewed events asked for", generation=number, by=caller.subject)
        return await _outcome(work, number, wait_seconds, response)

    @router.post("/forget", operation_id="forget_former_letters")
    async def forget(caller: Rotates, work: Work) -> ForgottenLetters:
        async with work() as session:
            erased = await erasing.erase_topics(session, PERSON_TOPICS, caller.subject, platform.clock())
        try:
            await erasing.renew_logs(work, platform.settings, erasing.copies_of(PERSON_TOPICS))
            forgot = True
        except erasing.LogsNotRenewedError:
            forgot = False
        log.warning("former dead letters erased", letters=erased, logs_forgot=forgot, by=caller.subject)
        return ForgottenLetters(letters=erased, logs_forgot=forgot)

    return router


async def _outcome(work: UnitOfWork, number: int, wait_seconds: float, response: Response) -> dict[str, Any]:
    deadline = time.monotonic() + wait_seconds
    while True:
        found = next(row for row in await _states(work) if row["number"] == number)
        if found["state"] == "failed":
            raise Problem(500, "rebuild_failed", reason=found["error"])
        if found["state"] in ("live", "ended"):
            return found
        if time.monotonic() >= deadline:
            # The rebuild goes on without the caller; 202 says that it is not finished.
            response.status_code = 202
            return found
        await asyncio.sleep(_POLL_SECONDS)


async def _states(work: Work) -> list[dict[str, Any]]:
    async with work() as session:
        return await generations.states(session)
