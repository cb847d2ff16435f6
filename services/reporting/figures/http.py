"""The routes of figures: what there is to ask, one figure, and what a breakdown of it repeats."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response

from reference import FIGURES, Calendar, Figure, age_bands, calendars, calendars_for, time_kind, versions_of
from services.chassis.http import Caller, Problem, Work, has_it, query_parameters
from services.chassis.platform import Platform
from services.reporting.disclosure import Protected, is_sensitive, may_see_exact
from services.reporting.figures import snapshot
from services.reporting.figures.access import may_ask, may_see_records, parameters_of
from services.reporting.figures.answering import check_known_at, head, read_watermark
from services.reporting.figures.overlap import check_overlap, overlap
from services.reporting.figures.questions import dimensions, parse_question
from services.reporting.figures.shapes import UNCHANGED, FigureAnswer, answered, figure_example

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
_QUERY = {"parameters": query_parameters("figure", PARAMETERS)}


def figures_router(platform: Platform) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])
    _catalogue(router)
    _figure(router, platform)
    _overlap(router, platform)
    return router


def _catalogue(router: APIRouter) -> None:
    @router.get("/figures", operation_id="list_figures")
    async def figures() -> dict[str, Any]:
        return {"figures": [_entry(figure) for figure in FIGURES.values()]}

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


def _figure(router: APIRouter, platform: Platform) -> None:
    protected = Protected(platform)

    @router.get(
        "/figures/{code}",
        operation_id="get_figure",
        responses={**answered(FigureAnswer, figure_example()), **UNCHANGED},
        openapi_extra=_QUERY,
    )
    async def figure(
        code: str,
        request: Request,
        caller: Caller,
        work: Work,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        now = platform.clock()
        question = parse_question(code, parameters_of(request), now)
        if not may_ask(caller, question):
            raise Problem.forbidden("area_scope")
        if is_sensitive(code, question.day) and not may_see_exact(caller, question.figure, question.day):
            released, tag = await protected.answer(question, parameters_of(request))
            return _respond(released, {"ETag": tag}, if_none_match)
        document, watermark = await snapshot.ask(work, question, now)
        about = (code, *(f"{name}={value}" for name, value in sorted(request.query_params.items())))
        # A question without its day is about today.
        tag = watermark.etag(*about, question.day.isoformat())
        return _respond(document, {"ETag": tag, "Khopso-Watermark": str(watermark)}, if_none_match)


def _respond(document: Mapping[str, Any], headers: Mapping[str, str], if_none_match: str | None) -> Response:
    headers = {**headers, "Cache-Control": "private, no-cache"}
    if has_it(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(document), media_type="application/json", headers=headers)


def _overlap(router: APIRouter, platform: Platform) -> None:
    @router.get(
        "/figures/{code}/overlap",
        operation_id="get_overlap",
        openapi_extra=_QUERY,
    )
    async def repeated(code: str, request: Request, caller: Caller, work: Work) -> dict[str, Any]:
        now = platform.clock()
        question = parse_question(code, parameters_of(request), now)
        check_overlap(question)
        if not may_ask(caller, question):
            raise Problem.forbidden("area_scope")
        if is_sensitive(code, question.day) and not may_see_exact(caller, question.figure, question.day):
            raise Problem.forbidden("overlap_exact_numbers")
        shown = may_see_records(caller, question, question.figure.owner_on(question.day))

        async def once() -> dict[str, Any]:
            async with snapshot.reading(work) as (connection, number):
                check_known_at(question, await read_watermark(connection, number))
                return head(question, now) | await overlap(connection, question, records=shown)

        return await snapshot.again(once)
