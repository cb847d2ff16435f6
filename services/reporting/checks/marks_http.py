"""The routes of marks on a check's list: to mark a line, and to read what was marked."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import platform_of, query_parameters, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import documented
from services.chassis.runtime import get_logger
from services.reporting.checks.asking import AskedCheck, check_asked
from services.reporting.checks.documents import about, answer_of, heading
from services.reporting.checks.domain.marks import Kind
from services.reporting.checks.http import QUESTION
from services.reporting.checks.marked_lists import mark_document, marked_lines
from services.reporting.checks.marking import MARK_LINE, Marking, Outcome, Seen, check_may_list, mark
from services.reporting.checks.marks import Notes
from services.reporting.checks.requests import PAGE_MOST
from services.reporting.facts import Connection
from services.reporting.figures import Asking, QueryService, RecordSight, parameters_of

_log = get_logger(__name__)
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_OF_LIST = (*QUESTION, "days", "agency")
_OF_NOW = tuple(name for name in _OF_LIST if name != "known_at")
_NARROWED = (*_OF_LIST, "after", "limit")


class MarkRequest(BaseModel):
    """A mark on one line (``subject`` of a finding). ``assigned`` names a unit or a person (the subject of a token).

    ``note`` is free text for those who work on the line: no names, no numbers of people. ``on``: since when (default: today).
    ``seen`` is the ``id`` of the line's ``mark`` as it was shown, ``none`` where it had none: 409 where another stands now.
    """

    model_config = ConfigDict(extra="forbid")

    line: str = Field(min_length=1, max_length=1_000, pattern=_ONE_LINE)
    mark: Kind
    to_unit: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    to_person: Annotated[str, Field(min_length=1, max_length=200, pattern=_ONE_LINE)] | None = None
    note: Annotated[str, Field(min_length=1, max_length=500, pattern=_ONE_LINE)] | None = None
    on: date | None = None
    seen: Seen | None = None


class MarkAnswer(BaseModel):
    """What became of it, and what stands of the line now; ``unchanged``: it was so already."""

    rule: str
    line: str
    outcome: Outcome
    mark: dict[str, Any]


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
        marking = Marking(
            given.line, given.mark, given.to_unit, given.to_person, given.note, given.on, given.seen
        )
        outcome, marks = await mark(platform, queries, notes, reader, one, marking)
        _log.info("line marked", check=rule, mark=given.mark, outcome=outcome)
        stands = mark_document(marks, {}, found=True)
        assert stands is not None, "a line that was marked has a mark"
        return MarkAnswer(rule=rule, line=given.line, outcome=outcome, mark=stands)

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
