"""The routes of the checks: all checks as counts, one check with its findings, and the checking of a table in a request."""

import difflib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from reference import area_book
from services.chassis.http import Caller, Problem, query_parameters, require_right
from services.chassis.platform import Platform
from services.chassis.problems import Fault, texts
from services.chassis.security import Principal
from services.reporting.checks.access import check_may_ask
from services.reporting.checks.queries import Found, Trace
from services.reporting.checks.released import released_check, released_count
from services.reporting.checks.requests import PAGE_MOST, CheckRequest, parse
from services.reporting.checks.rules import settings
from services.reporting.checks.shown import statements_of
from services.reporting.checks.usecases import (
    BALANCE,
    RECOMPUTE,
    Check,
    Outcome,
    all_checks,
    check_named,
    count_all,
    restate,
    run,
)
from services.reporting.facts import Connection
from services.reporting.figures import Asking, QueryService, Reader, Watermark, parameters_of
from tablecheck import MAX_ROWS, check_table, read_lines
from texts import message

QUESTION = ("area", "as_of", "from", "to", "calendar", "period", "geography", "known_at")
LISTED = ("by", "days", "agency", "sample", "opening_known_at", "after", "limit")

StatementReader = Annotated[Principal, Depends(require_right("see_statements"))]
"""Who may read the SQL of checks: it holds no records, so any area may be asked about."""


class HandedInTable(BaseModel):
    """A table to be checked: one object per row, cells as people write them (``docs/checks.md``)."""

    rows: list[dict[str, Any]] = Field(max_length=MAX_ROWS)
    area: str | None = None
    as_of: date | None = None


def checks_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["checks"])
    _all(router, platform, queries)
    _one(router, platform, queries)
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
        scope = asked.scope()
        sights = {check.code: queries.sight_of(check.comparison(scope), reader) for check in all_checks()}
        own = [check for check in all_checks() if sights[check.code] == "exact"]
        counts, watermark = await queries.read_compared(
            asked.question,
            [check.comparison(scope) for check in own],
            reader,
            "check_parties",
            lambda connection: count_all(connection, scope, own),
        )
        told: dict[str, dict[str, Any]] = {code: {"count": count} for code, count in counts.items()}
        for check in all_checks():
            if sights[check.code] == "released":
                told[check.code] = await released_count(queries, check, asked, reader)
        document = _heading(asked, now.isoformat()) | {
            "checks": [
                _about(check, asked) | told[check.code] for check in all_checks() if check.code in told
            ],
            # Of what is hidden the sum must not tell, so it is of the counts that are shown.
            "findings": sum(one["count"] or 0 for one in told.values()),
        }
        return _answer(document, watermark)


def _one(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get(
        "/checks/{rule}",
        operation_id="get_check",
        openapi_extra={"parameters": query_parameters("check", QUESTION + LISTED, most=PAGE_MOST)},
    )
    async def check(rule: str, request: Request, reader: Asking) -> Response:
        now = platform.clock()
        given = parameters_of(request)
        found = check_named(rule)
        if found is None:
            raise _unknown(rule)
        asked = parse(given, now, by_facility=found.by_facility)
        if found.code == RECOMPUTE:
            return _answer(*await _recomputed(queries, found, asked, reader, now))
        check_may_ask(reader, asked)
        _check_options(found, asked)
        comparison = found.comparison(asked.scope())
        if queries.sight_of(comparison, reader) == "released":
            document = await released_check(queries, found, asked, reader)
            return _answer(_heading(asked, now.isoformat()) | _about(found, asked) | document, None)
        # Of its own persons an agency sees which they are, of another's never more than how many.
        (whose, *others) = comparison.registers or (found.owner(asked.scope()),)
        of_one = {found.owner(asked.scope()) if others else whose}
        names = reader.lists("check", comparison.parties, of_one)

        async def answer(connection: Connection) -> Outcome:
            outcome = await run(
                connection,
                found,
                asked.scope(),
                days=asked.days,
                agency=asked.agency,
                sample=asked.sample,
                after=asked.after,
                limit=asked.limit,
                names=names,
            )
            if asked.opening_known_at is not None:
                outcome.more["restated"] = await restate(
                    connection, found, asked.scope(), asked.opening_known_at, names=names
                )
            return outcome

        outcome, watermark = await queries.read_compared(
            asked.question, [comparison], reader, "check_parties", answer
        )
        document = _heading(asked, now.isoformat()) | _about(found, asked) | _outcome(outcome, asked)
        if not names:
            document["records_hidden"] = texts(message("check_records_hidden"))
        return _answer(document, watermark)


async def _recomputed(
    queries: QueryService, check: Check, asked: CheckRequest, reader: Reader, now: datetime
) -> tuple[dict[str, Any], Watermark]:
    """Return how many stored rows are not those of the log, for whoever may rebuild them: which ones would name records."""
    _check_options(check, asked)
    reader.check("rebuild", (), "role_required")

    async def counted(connection: Connection) -> Outcome:
        return await run(connection, check, asked.scope(), sample=asked.sample, names=False)

    outcome, watermark = await queries.read_state(asked.question, counted)
    hidden = {"records_hidden": texts(message("check_records_hidden"))}
    return _heading(asked, now.isoformat()) | _about(check, asked) | _outcome(
        outcome, asked
    ) | hidden, watermark


def _statements(router: APIRouter, platform: Platform) -> None:
    @router.get(
        "/checks/{rule}/sql",
        operation_id="get_check_statements",
        openapi_extra={"parameters": query_parameters("check", QUESTION + LISTED, most=PAGE_MOST)},
    )
    async def statements(rule: str, request: Request, _: StatementReader) -> dict[str, Any]:
        now = platform.clock()
        found = check_named(rule)
        if found is None:
            raise _unknown(rule)
        asked = parse(parameters_of(request), now, by_facility=found.by_facility)
        _check_options(found, asked)
        return (
            _heading(asked, now.isoformat())
            | _about(found, asked)
            | {"statements": statements_of(found, asked)}
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


def _unknown(code: str) -> Problem:
    """Return the problem 404 for an unknown check, with the codes that are most similar."""
    near = difflib.get_close_matches(code, [RECOMPUTE, *(check.code for check in all_checks())], n=3)
    hint = f" ({', '.join(near)}?)" if near else ""
    fault = Fault.of("rule", code, "check_unknown", hint=hint)
    return Problem(404, "check_unknown", faults=[fault], hint=hint)


def _check_options(check: Check, asked: CheckRequest) -> None:
    if asked.opening_known_at is not None and not check.code.startswith(BALANCE):
        raise Problem.invalid([Fault.of("opening_known_at", asked.opening_as_asked, "check_opening_only")])
    if asked.days is not None and (check.rule is None or "days" not in settings(check.code, asked.day)):
        raise Problem.invalid([Fault.of("days", asked.days, "check_no_days")])


def _heading(asked: CheckRequest, now: str) -> dict[str, Any]:
    question = asked.question
    return {
        "area": question.area_as_asked,
        "as_of": asked.day.isoformat(),
        "from": asked.first.isoformat(),
        "to": asked.day.isoformat(),
        "known_at": question.known_as_asked or now,
    }


def _about(check: Check, asked: CheckRequest) -> dict[str, Any]:
    scope = asked.scope()
    name = check.name()
    return {
        "rule": check.code,
        "vi": name.vi,
        "en": name.en,
        "todo": texts(check.todo()),
        "owner": check.owner(scope),
        "subject": check.subject,
    }


def _outcome(outcome: Outcome, asked: CheckRequest) -> dict[str, Any]:
    document: dict[str, Any] = {"count": outcome.count, **outcome.more}
    by = asked.question.by
    if outcome.rows is not None and by is not None:
        document["rows"] = [{by: row, "value": number} for row, number in outcome.rows.items()]
        # A person can be in two rows; without this number readers would think that the total is wrong.
        document["overlap"] = sum(outcome.rows.values()) - outcome.count
    page = outcome.page
    document["findings"] = None if page is None else [_finding(found) for found in page]
    full = page is not None and len(page) == asked.limit
    document["next"] = page[-1].subject if page and full else None
    return document


def _finding(found: Found) -> dict[str, Any]:
    document: dict[str, Any] = {
        "subject": found.subject,
        "records": [_trace(trace) for trace in found.traces],
    }
    return document | ({} if found.about is None else {"about": found.about})


def _trace(trace: Trace) -> dict[str, Any]:
    area = None if trace.area is None else area_book().by_uid.get(trace.area)
    return {
        "record": None if trace.record_id is None else str(trace.record_id),
        "unit": trace.unit,
        "facility": trace.facility,
        "area": trace.area,
        "area_name": None if area is None else area.name,
        "since": None if trace.since is None else trace.since.isoformat(),
    }


def _answer(document: Mapping[str, Any], watermark: Watermark | None) -> Response:
    # Lists of records must not stay in a cache on the way or in the browser.
    headers = {"Cache-Control": "private, no-store"}
    if watermark is not None:
        headers["Khopso-Watermark"] = str(watermark)
    return Response(orjson.dumps(document), media_type="application/json", headers=headers)
