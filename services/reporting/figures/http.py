"""The routes of figures: the list of figures, one figure, its SQL statements, and what its breakdown counts repeatedly."""

from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from reference import (
    FIGURES,
    QUESTION_LENGTH,
    Calendar,
    Figure,
    age_bands,
    calendars,
    calendars_for,
    find_figures,
    time_kind,
    versions_of,
)
from services.chassis.http import has_it, query_parameters, require_right
from services.chassis.platform import Platform
from services.chassis.security import Principal
from services.reporting.facts import Connection
from services.reporting.figures.access import parameters_of
from services.reporting.figures.answering import head
from services.reporting.figures.overlap import check_overlap, overlap
from services.reporting.figures.query_service import QueryService
from services.reporting.figures.questions import dimensions, parse_question
from services.reporting.figures.rates import parse_per, with_rates
from services.reporting.figures.readers import Asking
from services.reporting.figures.record_sight import RecordSight
from services.reporting.figures.shapes import UNCHANGED, FigureAnswer, answered, figure_example
from services.reporting.figures.statements import statements_of
from texts import message

PARAMETERS = (
    "area",
    "as_of",
    "from",
    "to",
    "known_at",
    "by",
    "area_of",
    "geography",
    "calendar",
    "period",
)
RATED = (*PARAMETERS, "per")
"""What one figure may be asked with; its statements, and what it counts repeatedly, have no rate."""
StatementReader = Annotated[Principal, Depends(require_right("see_statements"))]
"""Who may read the SQL of figures: it holds no records, so any area may be asked about."""
_QUERY = {"parameters": query_parameters("figure", PARAMETERS)}
_OVERLAP_QUERY = {
    "parameters": [
        *query_parameters("figure", (name for name in PARAMETERS if name != "by")),
        *query_parameters("overlap", ("by",)),
    ]
}
"""As that of a figure, but with one dimension only."""


def figures_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])
    _catalogue(router)
    _figure(router, platform, queries)
    _overlap(router, platform, queries)
    _statements(router, platform)
    return router


def _catalogue(router: APIRouter) -> None:
    @router.get("/figures", operation_id="list_figures")
    async def figures(
        q: Annotated[
            str | None, Query(description=str(message("api.parameter.figures.q")), max_length=QUESTION_LENGTH)
        ] = None,
    ) -> dict[str, Any]:
        wanted = FIGURES.values() if q is None else find_figures(q)
        return {"figures": [_entry(figure) for figure in wanted]}

    @router.get("/calendars", operation_id="list_calendars")
    async def all_calendars() -> dict[str, Any]:
        return {"calendars": [_calendar(calendar) for calendar in calendars().values()]}

    @router.get("/rule-sets", operation_id="list_rule_sets")
    async def rule_sets() -> dict[str, Any]:
        return {
            "versions": [
                {"figure": code, **one.document(), "effect": one.effect, "vi": one.vi, "en": one.en}
                for code in FIGURES
                for one in versions_of(code)
            ],
            "age_bands": [asdict(band) for band in age_bands()],
        }


def _entry(figure: Figure) -> dict[str, Any]:
    own = {name: part for name, part in asdict(figure).items() if name not in ("owners", "dimensions")}
    return {
        **own,
        "asked_as": time_kind(figure),
        "dimensions": list(dimensions(figure)),
        "owners": [
            {"from": since, "agency": agency, "calendars": calendars_for(figure.code, agency)}
            for since, agency in figure.owners
        ],
        "versions": [
            {**one.document(), "effect": one.effect, "vi": one.vi, "en": one.en}
            for one in versions_of(figure.code)
        ],
    }


def _calendar(calendar: Calendar) -> dict[str, Any]:
    return {
        "code": calendar.code,
        "vi": calendar.vi,
        "en": calendar.en,
        "owners": list(calendar.owners),
        "figures": list(calendar.figures),
        "basis": calendar.basis,
        "periods": [
            {
                "kind": rule.kind,
                "code": rule.code.format(y="yyyy"),
                "first": {"year": rule.first_year, "day": rule.first},
                "after": {"year": rule.after_year, "day": rule.after},
                "valid_from": rule.valid_from,
                "valid_to": rule.valid_to,
                "basis": rule.basis,
            }
            for rule in calendar.periods
        ],
        "deadlines": [asdict(limit) for limit in calendar.deadlines],
    }


def _figure(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get(
        "/figures/{code}",
        operation_id="get_figure",
        responses={**answered(FigureAnswer, figure_example()), **UNCHANGED},
        openapi_extra={"parameters": query_parameters("figure", RATED)},
    )
    async def figure(
        code: str, request: Request, reader: Asking, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        given = parameters_of(request)
        asked_per = given.pop("per", None)
        question = parse_question(code, given, platform.clock(), crossed=True)
        per = parse_per(asked_per, question)
        answer = await queries.ask(question, reader)
        # Private: a shared cache must not give one reader's answer to another reader.
        headers = {"ETag": answer.etag, "Cache-Control": "private, no-cache"}
        # A released answer depends on its release and not on the watermark.
        if answer.watermark is not None:
            headers["Khopso-Watermark"] = str(answer.watermark)
        if has_it(if_none_match, answer.etag):
            return Response(status_code=304, headers=headers)
        document = answer.document if per is None else with_rates(answer.document, question, per)
        return Response(orjson.dumps(document), media_type="application/json", headers=headers)


def _statements(router: APIRouter, platform: Platform) -> None:
    @router.get("/figures/{code}/sql", operation_id="get_figure_statements", openapi_extra=_QUERY)
    async def statements(code: str, request: Request, _: StatementReader) -> dict[str, Any]:
        now = platform.clock()
        question = parse_question(code, parameters_of(request), now, crossed=True)
        return head(question, now) | {"statements": statements_of(question)}


def _overlap(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get(
        "/figures/{code}/overlap",
        operation_id="get_overlap",
        openapi_extra=_OVERLAP_QUERY,
    )
    async def repeated(code: str, request: Request, reader: Asking) -> dict[str, Any]:
        now = platform.clock()
        question = parse_question(code, parameters_of(request), now)
        check_overlap(question)
        # A reader of exact numbers may not always see the records behind them.
        owner = {question.figure.owner_on(question.day)}
        shown = reader.lists("check", owner, owner)

        async def listed(connection: Connection) -> tuple[dict[str, Any], RecordSight | None]:
            sight = await RecordSight.of(connection, reader) if shown else None
            return head(question, now) | await overlap(connection, question, sight), sight

        (document, sight), _ = await queries.read_exact(question, reader, "overlap_exact_numbers", listed)
        if sight is not None:
            await sight.note(platform, request, f"overlap.{code}")
        return document
