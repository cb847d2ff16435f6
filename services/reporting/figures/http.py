"""The routes of reporting: the catalogue, one figure, rebuilding."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from reference import FIGURES, calendars_for, versions_of
from services.chassis.http import Caller, Problem, Work, has_it, require_role
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.reporting.disclosure import Protected, is_sensitive, may_see_exact
from services.reporting.facts import generations
from services.reporting.figures import snapshot
from services.reporting.figures.access import may_ask, parameters_of
from services.reporting.figures.questions import dimensions, parse_question, time_kind
from services.reporting.figures.shapes import FIGURE_EXAMPLE, UNCHANGED, FigureAnswer, answered

log = get_logger(__name__)
Admin = Annotated[Principal, Depends(require_role("admin"))]
_POLL_SECONDS = 0.1
PARAMETERS = {
    "area": "mã địa bàn; mặc định: tỉnh / area code as valid on the day asked (a period's last day; with geography on that"
    " day), or code@year; default: the province",
    "as_of": "tính đến hết ngày; mặc định: hôm nay / stocks: what is true at the end of this day; default: today",
    "from": "từ ngày / flows: first day of the period",
    "to": "đến hết ngày / flows: last day of the period, inclusive",
    "known_at": "theo điều đã biết lúc đó / only facts recorded at or before; a date means its end (Asia/Ho_Chi_Minh);"
    " default: now",
    "by": "phân theo / one dimension of the figure; region = the districts of 2023 as reporting regions of any day",
    "area_of": "nơi ở hay cơ sở / treatment figures: residence (default) or facility",
    "geography": "theo địa giới của ngày này / day whose hierarchy of areas counts, time stays as asked; default: the day"
    " asked",
    "calendar": "lịch báo cáo / reporting calendar, with period instead of as_of, from and to; see /v1/calendars",
    "period": "kỳ của lịch / period of the calendar (2023, 2023-H1, 2023-Q1, 2023-09); a stock is taken at its last day",
}


def query_parameters() -> list[dict[str, Any]]:
    """The parameters of a question, for the OpenAPI document."""
    return [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in PARAMETERS.items()
    ]


def figures_router(platform: Platform) -> APIRouter:
    """All of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["figures"])
    _catalogue(router)
    _figure(router, platform)
    _rebuild(router, platform)
    return router


def _catalogue(router: APIRouter) -> None:
    @router.get("/figures", summary="The catalogue of figures")
    async def figures() -> dict[str, Any]:
        return {
            "figures": [
                {
                    **{
                        name: part
                        for name, part in asdict(figure).items()
                        if name not in ("owners", "dimensions")
                    },
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
                for figure in FIGURES.values()
            ]
        }


def _figure(router: APIRouter, platform: Platform) -> None:
    protected = Protected(platform)

    @router.get(
        "/figures/{code}",
        summary="One figure",
        responses={**answered(FigureAnswer, FIGURE_EXAMPLE), **UNCHANGED},
        openapi_extra={"parameters": query_parameters()},
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


def _rebuild(router: APIRouter, platform: Platform) -> None:
    @router.post("/rebuild", summary="Fold the whole log anew, switch when done; readers notice nothing")
    async def rebuild(
        admin: Admin,
        work: Work,
        response: Response,
        wait_seconds: Annotated[float, Query(ge=0, le=3_600)] = 3_000,
    ) -> dict[str, Any]:
        async with work() as session:
            number = await generations.ask(await raw(session), platform.clock(), admin.subject)
        log.warning("rebuild asked for", generation=number, by=admin.subject)
        deadline = time.monotonic() + wait_seconds
        while True:
            found = await _generation(work, number)
            if found["state"] == "failed":
                raise Problem(500, "rebuild_failed", reason=found["error"])
            if found["state"] in ("live", "ended"):
                return dict(found)
            if time.monotonic() >= deadline:
                response.status_code = 202
                return dict(found)
            await asyncio.sleep(_POLL_SECONDS)

    @router.get("/rebuild", summary="Generations of the tables and their states, newest first")
    async def rebuilds(_: Admin, work: Work) -> dict[str, Any]:
        return dict(await snapshot.state(work))


async def _generation(work: Work, number: int) -> Mapping[str, Any]:
    found = await snapshot.state(work)
    return next(row for row in found["generations"] if row["number"] == number)
