"""The routes of marks on a check's list: to mark a line, and to read what was marked."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.http import platform_of, query_parameters, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.marks import MARK_LINE, MarkAnswer, MarkRequest, Notes
from services.reporting.checks.asking import AskedCheck, check_asked
from services.reporting.checks.documents import about, answer_of, heading
from services.reporting.checks.http import QUESTION
from services.reporting.checks.marked_lists import marked_lines
from services.reporting.checks.marking import check_may_list, mark
from services.reporting.checks.requests import PAGE_MOST
from services.reporting.facts import Connection
from services.reporting.figures import Asking, QueryService, RecordSight, parameters_of

_log = get_logger(__name__)
_OF_LIST = (*QUESTION, "days", "agency")
_OF_NOW = tuple(name for name in _OF_LIST if name != "known_at")
_NARROWED = (*_OF_LIST, "after", "limit")


def _asked(rule: str, request: Request) -> AskedCheck:
    return check_asked(rule, parameters_of(request), platform_of(request).clock())


# A dependency, so that a fault of the question is told before one of the body.
_Asked = Annotated[AskedCheck, Depends(_asked)]


def marks_router(platform: Platform, queries: QueryService, notes: Notes) -> APIRouter:
    """Return the routes; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["checks"])

    @router.post(
        "/checks/{rule}/marks",
        operation_id="mark_check_line",
        responses={409: documented("api.response.mark_changed")},
        openapi_extra={"parameters": query_parameters("check", _OF_NOW)},
    )
    async def mark_line(
        rule: str, one: _Asked, given: MarkRequest, request: Request, reader: Asking
    ) -> MarkAnswer:
        require_purpose(request, check_may_list(queries, reader, one, MARK_LINE))
        outcome, marks = await mark(platform, queries, notes, reader, one, given.marking)
        _log.info("line marked", check=rule, mark=given.mark, outcome=outcome)
        return MarkAnswer.of(rule, given.line, outcome, marks)

    @router.get(
        "/checks/{rule}/marks",
        operation_id="list_check_marks",
        openapi_extra={"parameters": query_parameters("check", _NARROWED, most=PAGE_MOST)},
    )
    async def marks(one: _Asked, request: Request, reader: Asking) -> Response:
        require_purpose(request, check_may_list(queries, reader, one, "check"))

        async def read(connection: Connection) -> tuple[list[dict[str, Any]], str | None, RecordSight]:
            sight = await RecordSight.of(connection, reader)
            return *await marked_lines(connection, one, sight, notes), sight

        (lines, after, sight), watermark = await queries.read_compared(
            one.asked.question, [one.comparison], reader, "check_parties", read
        )
        await sight.note(platform, request, f"check.{one.check.code}")
        document = heading(one.asked, platform.clock().isoformat()) | about(one.check, one.asked)
        return answer_of(document | {"lines": lines, "next": after}, watermark)

    return router
