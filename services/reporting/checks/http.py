"""The routes of the checks: all checks as counts, one check with its findings, and the checking of a table in a request."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from services.chassis.http import Caller, Problem, query_parameters, require_right
from services.chassis.platform import Platform
from services.chassis.problems import Fault
from services.chassis.security import Principal
from services.marks import Notes, wanted_of
from services.reporting.checks.access import check_may_ask
from services.reporting.checks.asking import check_asked
from services.reporting.checks.documents import about, answer_of, heading
from services.reporting.checks.released import released_count
from services.reporting.checks.requests import PAGE_MOST, parse
from services.reporting.checks.seen import exact_counts, seen_check
from services.reporting.checks.shown import statements_of
from services.reporting.checks.usecases import all_checks, count_all
from services.reporting.figures import Asking, QueryService, parameters_of
from tablecheck import MAX_ROWS, check_table, read_lines

QUESTION = ("area", "as_of", "from", "to", "calendar", "period", "geography", "known_at")
LISTED = ("by", "days", "agency", "sample", "opening_known_at", "after", "limit")
MARKED = ("marked",)

StatementReader = Annotated[Principal, Depends(require_right("see_statements"))]
"""Who may read the SQL of checks: it holds no records, so any area may be asked about."""


class HandedInTable(BaseModel):
    """A table to be checked: one object per row, cells as people write them (``docs/checks.md``)."""

    rows: list[dict[str, Any]] = Field(max_length=MAX_ROWS)
    area: str | None = None
    as_of: date | None = None


def checks_router(platform: Platform, queries: QueryService, notes: Notes) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["checks"])
    _all(router, platform, queries)
    _one(router, platform, queries, notes)
    _statements(router, platform)
    _tables(router)
    return router


def _all(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get(
        "/checks",
        operation_id="list_checks",
        openapi_extra={"parameters": query_parameters("check", QUESTION)},
    )
    async def checks(request: Request, reader: Asking) -> Response:
        now = platform.clock()
        given = parameters_of(request)
        asked = parse(given, now)
        check_may_ask(reader, asked)
        counts, watermark = await exact_counts(queries, asked, reader, all_checks(), count_all)
        told: dict[str, dict[str, Any]] = {code: {"count": count} for code, count in counts.items()}
        for check in all_checks():
            if queries.sight_of(check.comparison(asked.scope()), reader) == "released":
                told[check.code] = await released_count(queries, check, asked, reader)
        document = heading(asked, now.isoformat()) | {
            "checks": [
                about(check, asked) | told[check.code] for check in all_checks() if check.code in told
            ],
            # Of what is hidden the sum must not tell, so it is of the counts that are shown.
            "findings": sum(one["count"] or 0 for one in told.values()),
        }
        return answer_of(document, watermark)


def _one(router: APIRouter, platform: Platform, queries: QueryService, notes: Notes) -> None:
    @router.get(
        "/checks/{rule}",
        operation_id="get_check",
        openapi_extra={"parameters": query_parameters("check", QUESTION + LISTED + MARKED, most=PAGE_MOST)},
    )
    async def check(rule: str, request: Request, reader: Asking) -> Response:
        given = dict(parameters_of(request))
        wanted = wanted_of(given.pop("marked", None))
        one = check_asked(rule, given, platform.clock())
        return answer_of(*await seen_check(platform, queries, notes, request, reader, one, wanted, queries))


def _statements(router: APIRouter, platform: Platform) -> None:
    @router.get(
        "/checks/{rule}/sql",
        operation_id="get_check_statements",
        openapi_extra={"parameters": query_parameters("check", QUESTION + LISTED, most=PAGE_MOST)},
    )
    async def statements(rule: str, request: Request, _: StatementReader) -> dict[str, Any]:
        now = platform.clock()
        one = check_asked(rule, parameters_of(request), now)
        return (
            heading(one.asked, now.isoformat())
            | about(one.check, one.asked)
            | {"statements": statements_of(one.check, one.asked)}
        )


def _tables(router: APIRouter) -> None:
    @router.post("/table-checks", operation_id="check_table")
    async def table(body: HandedInTable, _: Caller) -> dict[str, Any]:
        # Rows are numbered as a file would be: the first below the header is 2.
        lines, faults = read_lines(enumerate(body.rows, 2), body.area, body.as_of)
        if faults:
            raise Problem.invalid(
                [
                    Fault(f"rows[{fault.row - 2}].{fault.field}", fault.value, fault.rule, fault.message)
                    for fault in faults
                ]
            )
        found = check_table(lines)
        return {"rows": len(lines), "findings": [finding.document() for finding in found]}
