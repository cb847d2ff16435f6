"""The route that marks a record behind a step of a waterfall."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.chassis.http import platform_of, query_parameters, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.marks import MarkAnswer, MarkRequest, Notes
from services.reporting.figures import (
    Asking,
    QueryService,
    parameters_of,
)
from services.reporting.reconciliation.marking import (
    AskedWaterfall,
    asked_waterfall,
    check_may_mark,
    mark_step_line,
)
from services.reporting.reconciliation.requests import QUESTION

_log = get_logger(__name__)
_OF_NOW = ("agency", *(name for name in QUESTION if name != "known_at"))


def _asked(figure: str, request: Request) -> AskedWaterfall:
    return asked_waterfall(figure, parameters_of(request), platform_of(request).clock())


def waterfall_marks_router(platform: Platform, queries: QueryService, notes: Notes) -> APIRouter:
    """Return the route; authentication is put before it by the application."""
    router = APIRouter(prefix="/v1", tags=["reconciliation"])

    @router.post(
        "/reconciliations/{figure}/marks",
        operation_id="mark_reconciliation_line",
        responses={409: documented("api.response.mark_changed")},
        openapi_extra={"parameters": query_parameters("reconciliation", _OF_NOW)},
    )
    async def mark_line(
        figure: str,
        # A dependency, so that a fault of the question is told before one of the body.
        asked: Annotated[AskedWaterfall, Depends(_asked)],
        given: MarkRequest,
        request: Request,
        reader: Asking,
    ) -> MarkAnswer:
        require_purpose(request, check_may_mark(reader, asked.question))
        outcome, marks = await mark_step_line(platform, queries, notes, reader, asked, given.marking)
        _log.info("line marked", figure=figure, mark=given.mark, outcome=outcome)
        return MarkAnswer.of(figure, given.line, outcome, marks)

    return router
