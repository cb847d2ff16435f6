"""The route that marks a record behind a step of a waterfall."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.chassis.http import platform_of, query_parameters, require_purpose
from services.chassis.platform import Platform
from services.chassis.problems import Problem, documented
from services.chassis.runtime import get_logger
from services.marks import MARK_LINE, Line, MarkAnswer, Marking, MarkRequest, Notes, faults_of
from services.reporting.facts import Connection, units_register
from services.reporting.figures import (
    Asking,
    QueryService,
    Question,
    Reader,
    RecordSight,
    parameters_of,
    parse_question,
)
from services.reporting.line_marks import SeenLine, mark_seen_line
from services.reporting.reconciliation.document import Listing, parts_of_line
from services.reporting.reconciliation.domain.waterfall import ORDER
from services.reporting.reconciliation.marked import marked_list
from services.reporting.reconciliation.naming import as_known, reached, records_of
from services.reporting.reconciliation.requests import QUESTION, ReconciliationRequest
from services.reporting.reconciliation.usecases import EXACT_ONLY, reconcile

_log = get_logger(__name__)
_OF_NOW = ("agency", *(name for name in QUESTION if name != "known_at"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The waterfall of which a line is marked: the figure's question, and whose declaration."""

    question: Question
    agency: str | None


def _asked(figure: str, request: Request) -> _Asked:
    given = parameters_of(request)
    own = {name: given[name] for name in given if name == "agency"}
    rest = {name: given[name] for name in given if name not in own}
    question = parse_question(figure, rest, platform_of(request).clock())
    return _Asked(question, ReconciliationRequest(own).agency)


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
        asked: Annotated[_Asked, Depends(_asked)],
        given: MarkRequest,
        request: Request,
        reader: Asking,
    ) -> MarkAnswer:
        require_purpose(request, _check_may_mark(reader, asked.question))
        _check(given.marking, reader, asked.question)

        async def find(connection: Connection) -> SeenLine | None:
            return await _found(connection, platform, reader, asked, given.marking)

        line, _ = await queries.read_exact(asked.question, reader, EXACT_ONLY, find)
        of = marked_list(asked.question)
        outcome, marks = await mark_seen_line(platform, notes, reader, of, line, given.marking)
        _log.info("line marked", figure=figure, mark=given.mark, outcome=outcome)
        return MarkAnswer.of(figure, given.line, outcome, marks)

    return router


def _check_may_mark(reader: Reader, question: Question) -> frozenset[str]:
    """Refuse whoever is not shown the records of the waterfall; return the guards of the right, which the request must meet."""
    owner = {question.figure.owner_on(question.day)}
    guards = reader.check(MARK_LINE, owner, EXACT_ONLY).guards(MARK_LINE)
    if not replace(reader, met=reader.met | guards).lists(MARK_LINE, owner, owner):
        raise Problem.forbidden("reconcile_records_hidden")
    return guards


def _check(given: Marking, reader: Reader, question: Question) -> None:
    earlier = None if question.known_at is None else question.known_as_asked
    faults = [*faults_of(given, reader.today, earlier)]
    if faults:
        raise Problem.invalid(faults)


async def _found(
    connection: Connection, platform: Platform, reader: Reader, asked: _Asked, given: Marking
) -> SeenLine | None:
    """Return the line as the reader's waterfall has it; None where it has no such line."""
    _, step, _ = parts_of_line(given.subject)
    if step not in ORDER:
        return None
    listing = Listing(1, 0, step, partial(reached, reader), lambda line: line == given.subject)
    now, question = platform.clock(), asked.question
    found = await reconcile(connection, question, asked.agency, now, listing=listing)
    sight = await RecordSight.of(connection, reader)
    await sight.learn(connection, records_of(found))
    told: list[dict[str, Any]] = [
        record for one in as_known(found, sight)["steps"] for record in one["records"]
    ]
    if not told or told[0]["line"] is None:
        return None
    areas = frozenset([told[0]["area"]] if told[0]["area"] else ())
    record = frozenset({UUID(told[0]["record"])})
    units = await units_register(connection, given.to_unit)
    agency = question.figure.owner_on(question.day)
    return SeenLine(Line(given.subject, record, areas), agency, question.hierarchy, units)
