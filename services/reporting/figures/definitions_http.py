"""Routes about figures besides asking for one: calendars, versions of definitions, and what a breakdown repeats."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from reference import FIGURES, Calendar, age_bands, calendars, versions_of
from services.chassis.http import Caller, Problem, Work
from services.chassis.platform import Platform
from services.reporting.disclosure import is_sensitive, may_see_exact
from services.reporting.figures import snapshot
from services.reporting.figures.access import may_ask, may_see_records, parameters_of
from services.reporting.figures.answering import check_known_at, head, read_watermark
from services.reporting.figures.http import query_parameters
from services.reporting.figures.overlap import check_overlap, overlap
from services.reporting.figures.questions import parse_question


def definitions_router(platform: Platform) -> APIRouter:
    """All of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])
    _lists(router)
    _overlap(router, platform)
    return router


def _lists(router: APIRouter) -> None:
    @router.get("/calendars", summary="Reporting calendars, their periods and send-by dates")
    async def all_calendars() -> dict[str, Any]:
        return {"calendars": [_calendar(calendar) for calendar in calendars().values()]}

    @router.get("/rule-sets", summary="Versions of the figures' definitions and the readings chosen")
    async def rule_sets() -> dict[str, Any]:
        return {
            "versions": [
                {"figure": code, **one.document(), "effect": one.effect, "vi": one.vi, "en": one.en}
                for code in FIGURES
                for one in versions_of(code)
            ],
            "age_bands": [asdict(band) for band in age_bands()],
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


def _overlap(router: APIRouter, platform: Platform) -> None:
    @router.get(
        "/figures/{code}/overlap",
        summary="What counts in more than one row of a breakdown; `by` is needed",
        openapi_extra={"parameters": query_parameters()},
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
