"""The routes for machines: data queries in four formats, and following figures."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.figures import FIGURES
from services.chassis.auth import Principal
from services.chassis.db import UnitOfWork
from services.chassis.http import Caller, Fault, Problem, Work
from services.chassis.platform import Platform
from services.reporting import desk
from services.reporting.access import may_ask, parameters_of
from services.reporting.disclosure.answers import Protected
from services.reporting.disclosure.policy import is_sensitive, may_see_exact
from services.reporting.figures.answer import Watermark, answer, check_known_at, read_watermark
from services.reporting.figures.questions import Question, parse_question
from services.reporting.publishing import following, formats
from services.reporting.publishing.dataset import Dataset
from services.reporting.publishing.observing import observe
from services.reporting.publishing.selection import PARAMETERS, Selection, known_then, select

_JSON, _CSV = "application/json", "application/vnd.sdmx.data+csv;version=2.0.0"
Render = Callable[[Dataset], bytes]
Shown = tuple[dict[str, Any], str]
"""An answer made of releases, and its entity tag."""


def _dump(document: Callable[[Dataset], dict[str, Any]]) -> Render:
    return lambda data: orjson.dumps(document(data))


_FORMATS: dict[str, tuple[str, Render]] = {
    "json": (_JSON, _dump(formats.plain_json)),
    "csv": (_CSV, formats.sdmx_csv),
    "dhis2": (_JSON, _dump(formats.dhis2)),
    "adx": ("application/adx+xml", formats.adx),
}
_ACCEPTED = {
    "application/vnd.sdmx.data+csv": "csv",
    "text/csv": "csv",
    "application/adx+xml": "adx",
    "application/xml+adx": "adx",
    "application/json": "json",
}


class FollowRequest(BaseModel):
    """A figure to follow, asked as in ``GET /v1/figures/{code}``; a stock without ``as_of`` is always today's."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    figure: str
    area: str | None = None
    as_of: str | None = None
    first: str | None = Field(default=None, alias="from")
    last: str | None = Field(default=None, alias="to")
    calendar: str | None = None
    period: str | None = None
    geography: str | None = None
    by: str | None = None
    area_of: str | None = None

    def asked(self) -> dict[str, str]:
        """The parameters of the question."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"figure"})


def publishing_router(platform: Platform) -> APIRouter:
    """All of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["machines"])
    _data(router, platform)
    _follows(router, platform)
    return router


def _data(router: APIRouter, platform: Platform) -> None:
    protected = Protected(platform)
    described = [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in {**PARAMETERS, "format": "json, csv, dhis2 or adx; default: by Accept"}.items()
    ]

    @router.get(
        "/data/{figures}",
        summary="Many figures at once, in the manner of SDMX REST (figures: codes with commas, or all)",
        openapi_extra={"parameters": described},
        responses={200: {"content": {kind: {} for kind, _ in _FORMATS.values()}}},
    )
    async def data(
        figures: str,
        request: Request,
        caller: Caller,
        work: Work,
        accept: Annotated[str, Header()] = _JSON,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        given = parameters_of(request)
        kind, render = _format(given.pop("format", None), accept)
        now = platform.clock()
        selection = select(figures, given, now)
        for asked in selection.asked:
            if not may_ask(caller, asked.question):
                raise Problem.forbidden("area_scope")
        withheld = {
            number for number, asked in enumerate(selection.asked) if not _exact(caller, asked.question)
        }
        if withheld and (selection.history or selection.since is not None):
            raise Problem.forbidden("data_exact_only")
        about = (
            figures,
            kind,
            *(f"{name}={value}" for name, value in sorted(given.items())),
            f"{now:%Y-%m-%d}",
        )
        shown = None if not withheld else await _released(protected, selection, withheld)
        page, tag = await _page(work, selection, now, (*about, *_tags(shown)), if_none_match, shown or {})
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if page is None:
            return Response(status_code=304, headers=headers)
        headers["Khopso-Watermark"] = page.watermark
        if page.following is not None:
            following_page = request.url.include_query_params(cursor=page.following)
            headers["Link"] = f'<{following_page.path}?{following_page.query}>; rel="next"'
        try:
            body = render(page)
        except formats.CalendarNotCarriedError:
            raise Problem.invalid([Fault.of("calendar", given.get("calendar"), "dhis2_calendar")]) from None
        except formats.NothingCarriedError:
            raise Problem.not_found("nothing_carried") from None
        return Response(body, media_type=kind, headers=headers)


async def _released(protected: Protected, selection: Selection, withheld: set[int]) -> dict[int, Shown]:
    """The answers for a reader who may not see exact numbers, from releases only."""
    return {
        number: await protected.answer(selection.asked[number].question, selection.asked[number].given)
        for number in sorted(withheld)
    }


def _tags(shown: dict[int, Shown] | None) -> list[str]:
    return [] if shown is None else [tag for _, tag in shown.values()]


async def _page(
    work: UnitOfWork,
    selection: Selection,
    now: datetime,
    about: tuple[str, ...],
    known: str | None,
    shown: dict[int, Shown],
) -> tuple[Dataset | None, str]:
    """The page and its entity tag; no page where the caller has it already. ``shown``: what is answered already."""
    async with desk.reading(work) as (connection, number):
        watermark = await read_watermark(connection, number)
        tag = watermark.etag(*about)
        if known is not None and tag in [part.strip() for part in known.split(",")]:
            return None, tag
        if selection.asked:
            _check_knowledge(selection, watermark, now)
        released = {number: document for number, (document, _) in shown.items()}
        found = tuple(await observe(connection, selection, now, released))
        known_at = selection.asked[0].question.known_at if selection.asked else None
        return Dataset(now, known_at, str(watermark), found, selection.following), tag


def _check_knowledge(selection: Selection, watermark: Watermark, now: datetime) -> None:
    first = selection.asked[0]
    check_known_at(first.question, watermark)
    if selection.since is not None:
        check_known_at(known_then(first, selection.since["known_at"], now), watermark)


def _exact(caller: Principal, question: Question) -> bool:
    """Whether the caller gets the figure as it is; what counts nobody is for everybody."""
    return not is_sensitive(question.figure.code, question.day) or may_see_exact(
        caller, question.figure, question.day
    )


def _format(named: str | None, accept: str) -> tuple[str, Render]:
    if named is None:
        kinds = [part.split(";")[0].strip() for part in accept.split(",")]
        named = next((_ACCEPTED[kind] for kind in kinds if kind in _ACCEPTED), "json")
    if named not in _FORMATS:
        raise Problem.invalid([Fault.of("format", named, "format_unknown", allowed=", ".join(_FORMATS))])
    return _FORMATS[named]


def _follows(router: APIRouter, platform: Platform) -> None:
    @router.post(
        "/follows",
        status_code=201,
        summary="Follow a figure: changes come as reporting.figure.changed.v1 on reporting.figures",
    )
    async def follow(wanted: FollowRequest, caller: Caller, work: Work) -> dict[str, Any]:
        now = platform.clock()
        if wanted.figure not in FIGURES:
            raise Problem(404, "figure", faults=[Fault.of("figure", wanted.figure, "figure")])
        question = parse_question(wanted.figure, wanted.asked(), now)
        if not may_ask(caller, question):
            raise Problem.forbidden("area_scope")
        if not _exact(caller, question):
            raise Problem.forbidden("data_exact_only")
        async with desk.reading(work) as (connection, _):
            told = following.values_of(await answer(connection, question, now), question.by)
        made = following.Follow(
            platform.new_id(), caller.subject, caller.unit, wanted.figure, wanted.asked(), now, 0, told, now
        )
        async with work() as session:
            if len(await following.listed(session, caller.unit)) >= following.MAX_FOLLOWS:
                raise Problem(409, "follow_limit", maximum=following.MAX_FOLLOWS)
            await following.add(session, made)
        return made.document()

    @router.get("/follows", summary="What one's unit follows")
    async def follows(caller: Caller, work: Work) -> dict[str, Any]:
        async with work() as session:
            found = await following.listed(session, caller.unit)
        return {"follows": [entry.document() for entry in found]}

    @router.delete("/follows/{follow}", status_code=204, summary="Stop following")
    async def unfollow(follow: UUID, caller: Caller, work: Work) -> Response:
        async with work() as session:
            ended = await following.end(session, follow, caller.unit, platform.clock())
        if not ended:
            raise Problem.not_found("follow_unknown")
        return Response(status_code=204)
