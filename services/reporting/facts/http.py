"""The routes of rebuilding, for administrators only: ask for a rebuild from the whole log, and see its progress."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from services.chassis.http import Problem, Work, require_right
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.reporting.facts import generations

log = get_logger(__name__)
Rebuilds = Annotated[Principal, Depends(require_right("rebuild"))]
_POLL_SECONDS = 0.1


def rebuild_router(platform: Platform) -> APIRouter:
    """Return both routes; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])

    @router.post("/rebuild", operation_id="start_rebuild")
    async def rebuild(
        caller: Rebuilds,
        work: Work,
        response: Response,
        wait_seconds: Annotated[float, Query(ge=0, le=3_600)] = 3_000,
    ) -> dict[str, Any]:
        async with work() as session:
            number = await generations.ask(session, platform.clock(), caller.subject)
        log.warning("rebuild asked for", generation=number, by=caller.subject)
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

    @router.get("/rebuild", operation_id="list_rebuilds")
    async def rebuilds(_: Rebuilds, work: Work) -> dict[str, Any]:
        return {"generations": await _states(work)}

    return router


async def _states(work: Work) -> list[dict[str, Any]]:
    async with work() as session:
        return await generations.states(session)
