"""The routes of reports: the list of reports, and one report in one format."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Response
from fastapi import Request as HttpRequest

from proof import read_json
from services.chassis.http import Problem, has_it, query_parameters
from services.chassis.platform import Platform
from services.reporting.closing import revisions
from services.reporting.closing import usecases as closings
from services.reporting.documents import (
    closed,
    render_csv,
    render_docx,
    render_json,
    render_pdf,
    render_xlsx,
    usecases,
)
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.document import Document
from services.reporting.documents.parts import Report
from services.reporting.documents.planning import Answer, Ask
from services.reporting.documents.requests import (
    FORMATS,
    PARAMETERS,
    Request,
    check_closing,
    check_format,
    named,
    parse,
    request_for,
)
from services.reporting.documents.vietnamese import file_title
from services.reporting.figures import (
    Asking,
    QueryService,
    Reader,
    Reading,
    check_known_at,
    may_ask,
    parameters_of,
)
from texts import message

_RENDER: Mapping[str, Callable[[Document], bytes]] = {
    "docx": render_docx.render,
    "pdf": render_pdf.render,
    "xlsx": render_xlsx.render,
    "csv": render_csv.render,
    "json": render_json.render,
}
_AT_ONCE = 2
"""Number of reports that one process renders at the same time. Others wait, while figures are still answered."""


def reports_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reports"])
    turns = asyncio.Semaphore(_AT_ONCE)

    @router.get("/reports", operation_id="list_reports")
    async def reports() -> dict[str, Any]:
        return {
            "reports": [
                {"name": one.name, "vi": one.vi, "en": one.en, "office": one.office, "formats": list(FORMATS)}
                for one in REPORTS.values()
            ]
        }

    @router.get(
        "/reports/{name}.{format}",
        operation_id="get_report",
        response_class=Response,
        responses={
            200: {
                "description": str(message("api.response.report")),
                "content": {kind: {"schema": {"type": "string"}} for kind in FORMATS.values()},
            }
        },
        openapi_extra={"parameters": query_parameters("report", PARAMETERS)},
    )
    async def report(
        name: str,
        format: str,
        request: HttpRequest,
        reader: Asking,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        now = platform.clock()
        found = named(name)
        check_format(format)
        given = parameters_of(request)
        if given.get("closing"):
            asked, document, state = await _from_closing(platform, queries, found, given, reader)
        else:
            asked = parse(found, given, now)
            if not may_ask(reader, asked.question):
                raise Problem.forbidden("area_scope")
            document, state = await _made(queries, asked, reader, now)
        tag = _tag(
            state,
            name,
            format,
            *sorted(map("=".join, asked.asked.items())),
            reader.caller.unit,
            reader.caller.role,
            *sorted(reader.agencies),
            document.letterhead.day.isoformat(),
        )
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if has_it(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        async with turns:
            content = await asyncio.to_thread(_RENDER[format], document)
        headers["Content-Disposition"] = _disposition(document, asked, format)
        return Response(content, media_type=FORMATS[format], headers=headers)

    return router


async def _made(queries: QueryService, asked: Request, reader: Reader, now: datetime) -> tuple[Document, str]:
    """Return the document, computed from one state of the live generation, and a text that identifies that state."""
    exact, hidden = usecases.split(queries, usecases.asks_of(asked), reader)

    async def reconciled(reading: Reading) -> tuple[Document, str]:
        check_known_at(asked.question, reading.watermark)
        return await usecases.reconciled(reading, asked, reader, now), str(reading.watermark)

    async def counted(reading: Reading) -> tuple[dict[Ask, Answer], frozenset[str], str]:
        check_known_at(asked.question, reading.watermark)
        answers = await usecases.gather(reading, exact, asked, reader)
        return (
            answers,
            await usecases.incomparable(reading, exact, asked, reader, now),
            str(reading.watermark),
        )

    if asked.report.declared:
        return await queries.read(reconciled)
    found, unsure, state = await queries.read(counted)
    found |= await usecases.gather_protected(queries, hidden, asked, reader, now)
    return usecases.composed(asked, found, now, unsure=unsure), state


async def _from_closing(
    platform: Platform, queries: QueryService, report: Report, given: Mapping[str, str], reader: Reader
) -> tuple[Request, Document, str]:
    """Return request and document of a closed period, and a text that identifies its state.

    ``known_at`` is the instant as known at which revisions are listed (default: now).
    """
    number = check_closing(report, given)
    closing = read_json(await closings.show(platform, queries, reader, number))
    revised, _ = await revisions(platform, queries, reader, number, given.get("known_at") or None)
    now = platform.clock()
    about = {"area": closing["area_uid"], "closing": str(number)}
    asked = request_for(report, closed.windows_of(closing), about, now)
    found = closed.kept(closed.answers(closing["cells"]))
    document = usecases.composed(asked, found, now, closed.origin(closing, revised, asked.hierarchy))
    # Revisions are the only part that can change.
    return asked, document, f"{closing['content_hash']}.{len(revised['cells'])}.{revised['known_at']}"


def _tag(*about: str) -> str:
    """Return the entity tag of a state of the figures, a request and a reader (readers see different numbers)."""
    return f'W/"{sha256(chr(0).join(about).encode()).hexdigest()[:32]}"'


def _disposition(document: Document, asked: Request, format_: str) -> str:
    """Return the Content-Disposition header with two file names (RFC 6266): one in ASCII, one in Vietnamese."""
    period = asked.asked.get("year") or asked.asked.get("period") or asked.windows.last.isoformat()
    plain = f"bao-cao-{document.report}-{period}-{asked.area.code}.{format_}"
    title = file_title(document.report, asked.windows.label, asked.area.name)
    said = f"{title}.{format_}".replace("/", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(said)}"
