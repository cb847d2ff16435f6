"""The route of data queries: many figures at once, in four formats."""

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response

from services.chassis.http import Fault, Problem, has_it, query_parameters
from services.chassis.platform import Platform
from services.reporting.dissemination import formats
from services.reporting.dissemination.areas import areas_router
from services.reporting.dissemination.dataset import Dataset
from services.reporting.dissemination.negotiation import Format, negotiate
from services.reporting.dissemination.observing import observe
from services.reporting.dissemination.selection import PARAMETERS, Selection, known_then, select
from services.reporting.dissemination.shapes import data_responses
from services.reporting.figures import (
    Answer,
    Asking,
    QueryService,
    Reader,
    Reading,
    Watermark,
    check_known_at,
    may_ask,
    parameters_of,
    scope_of,
)

Render = Callable[[Dataset], bytes]
Shown = dict[int, Answer]
"""Number of a question → its answer made of releases."""
_RENDER: Mapping[str, Render] = {
    "json": lambda data: orjson.dumps(formats.plain_json(data)),
    "csv": formats.sdmx_csv,
    "dhis2": lambda data: orjson.dumps(formats.dhis2(data)),
    "adx": formats.adx,
}
_WORTH_COMPRESSING = 4_096
_LEVEL = 5


def publishing_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all routes for machines; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["machines"])
    _data(router, platform, queries)
    router.include_router(areas_router())
    return router


def _data(router: APIRouter, platform: Platform, queries: QueryService) -> None:

    @router.get(
        "/data/{figures}",
        operation_id="get_data",
        openapi_extra={"parameters": query_parameters("data", (*PARAMETERS, "format"))},
        responses=data_responses(),
    )
    async def data(
        figures: str,
        request: Request,
        reader: Asking,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        given = parameters_of(request)
        form = negotiate(given.pop("format", None), request.headers.get("accept"))
        now = platform.clock()
        selection = select(figures, given, now)
        shown = await _released(queries, selection, _withheld(queries, selection, reader), reader)
        asked = (figures, form.media_type, *(f"{name}={value}" for name, value in sorted(given.items())))
        page, tag = await _page(queries, selection, reader, now, asked, if_none_match, shown)
        # Answers depend on the reader's rights, so a shared cache must not keep them.
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Encoding"}
        if page is None:
            return Response(status_code=304, headers=headers)
        if page.watermark:
            headers["Khopso-Watermark"] = page.watermark
        if page.following is not None:
            following = request.url.include_query_params(cursor=page.following)
            headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        # In the event loop, writing and compressing a large page would delay all other requests of the process.
        body = await asyncio.to_thread(_body, page, form, zipped, given.get("calendar"))
        if zipped and body[:2] == _GZIPPED:
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=form.media_type, headers=headers)


_GZIPPED = b"\x1f\x8b"


def _body(page: Dataset, form: Format, zipped: bool, calendar: str | None) -> bytes:
    """Return the page as bytes in its format, compressed where the client accepts it and the page is large.

    Raises:
        Problem: the format has no periods of this calendar, or no observation is left that it can contain.
    """
    try:
        body = _RENDER[form.name](page)
    except formats.CalendarNotCarriedError:
        raise Problem.invalid([Fault.of("calendar", calendar, "dhis2_calendar")]) from None
    except formats.NothingCarriedError:
        raise Problem.not_found("nothing_carried") from None
    # Without a time stamp inside, the same page gives the same bytes at any time.
    return gzip.compress(body, _LEVEL, mtime=0) if zipped and len(body) > _WORTH_COMPRESSING else body


def _withheld(queries: QueryService, selection: Selection, reader: Reader) -> list[int]:
    """Return the numbers of the questions whose exact answers the reader may not see.

    Raises:
        Problem: 403 for an area outside the reader's rights, or where history or updates of such numbers are asked for.
    """
    if not all(may_ask(reader, asked.question) for asked in selection.asked):
        raise Problem.forbidden("area_scope")
    withheld = [
        number
        for number, asked in enumerate(selection.asked)
        if not queries.sees_exact(asked.question.figure.code, asked.question.day, reader)
    ]
    # The time at which a protected number changed reveals something about it, so history needs the right to exact numbers.
    if selection.history or selection.since is not None:
        for number in withheld:
            question = selection.asked[number].question
            queries.check_exact(question.figure.code, scope_of(question), reader)
    return withheld


async def _released(
    queries: QueryService, selection: Selection, withheld: list[int], reader: Reader
) -> Shown:
    """Return the answers to the withheld questions, made of releases only, by the number of the question.

    Raises:
        Problem: 422 where nothing is released for some of the questions; every fault names its figure.
    """
    shown: Shown = {}
    faults: dict[tuple[str, Any, str], Fault] = {}
    for number in withheld:
        asked = selection.asked[number]
        try:
            shown[number] = await queries.ask(asked.question, reader)
        except Problem as problem:
            if problem.rule != "protected_question":
                raise
            for fault in problem.faults:
                named = replace(fault, field=f"{asked.question.figure.code} {fault.field}")
                faults[named.field, named.value, named.rule] = named
    if faults:
        raise Problem(422, "protected_question", faults=list(faults.values()))
    return shown


async def _page(
    queries: QueryService,
    selection: Selection,
    reader: Reader,
    now: datetime,
    asked: tuple[str, ...],
    known: str | None,
    shown: Shown,
) -> tuple[Dataset | None, str]:
    """Return the page and its entity tag; no page where the reader has it already.

    ``shown`` are the answers made of releases; all other questions are answered exactly.
    """

    async def answered(reading: Reading) -> tuple[Dataset | None, str]:
        watermark = reading.watermark
        # Releases do not change when facts are folded, so the tag of a page of releases must not change either.
        released_only = len(shown) == len(selection.asked) > 0
        basis = Watermark(0, 0, None, None) if released_only else watermark
        tag = basis.etag(*asked, *(answer.etag for answer in shown.values()))
        if has_it(known, tag):
            return None, tag
        _check_knowledge(selection, watermark)
        documents = {number: answer.document for number, answer in shown.items()}
        found, count = await observe(reading, selection, reader, now, documents)
        known_at = selection.asked[0].question.known_at if selection.asked else None
        following = selection.cursor_after(count)
        if released_only:
            return Dataset(now, None, "", tuple(found), following), tag
        # A record time in the future (a clock that is ahead) must not become the start of the reader's next query.
        last = known_at or (None if watermark.last is None else min(watermark.last, now))
        return Dataset(now, last, str(watermark), tuple(found), following), tag

    return await queries.read(answered)


def _check_knowledge(selection: Selection, watermark: Watermark) -> None:
    """Refuse (Problem 422) instants before anything was known, under the name that they were given by."""
    for first in selection.asked[:1]:
        check_known_at(first.question, watermark, "asOf")
        if selection.since is not None:
            check_known_at(known_then(first, selection.since), watermark, "updatedAfter")
