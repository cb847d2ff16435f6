"""The routes of reports: what there is, and one report in one format."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

import psycopg
from fastapi import APIRouter, Header, Response
from fastapi import Request as HttpRequest

from services.chassis.auth import Principal
from services.chassis.db import UnitOfWork, database_error
from services.chassis.http import Caller, Problem, Work
from services.chassis.platform import Platform
from services.reporting import desk
from services.reporting.access import may_ask
from services.reporting.figures.answer import Watermark, check_known_at, read_watermark
from services.reporting.reports import (
    render_csv,
    render_docx,
    render_json,
    render_pdf,
    render_xlsx,
    usecases,
)
from services.reporting.reports.catalogue import REPORTS
from services.reporting.reports.document import Document
from services.reporting.reports.requests import FORMATS, PARAMETERS, Request, check_format, named, parse

_RENDER: Mapping[str, Callable[[Document], bytes]] = {
    "docx": render_docx.render,
    "pdf": render_pdf.render,
    "xlsx": render_xlsx.render,
    "csv": render_csv.render,
    "json": render_json.render,
}
_TRIES = 3
_AT_ONCE = 2
"""Reports rendered at the same time in one process; the others wait their turn, figures are still answered."""


def reports_router(platform: Platform) -> APIRouter:
    """All of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reports"])
    turns = asyncio.Semaphore(_AT_ONCE)

    @router.get("/reports", summary="The reports and their formats")
    async def reports() -> dict[str, Any]:
        return {
            "reports": [
                {"name": one.name, "vi": one.vi, "en": one.en, "office": one.office, "formats": list(FORMATS)}
                for one in REPORTS.values()
            ]
        }

    @router.get(
        "/reports/{name}.{format}",
        summary="One report as a file",
        response_class=Response,
        responses={
            200: {
                "description": "The report",
                "content": {kind: {"schema": {"type": "string"}} for kind in FORMATS.values()},
            }
        },
        openapi_extra={
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "required": False,
                    "description": said,
                    "schema": {"type": "string"},
                }
                for name, said in PARAMETERS.items()
            ]
        },
    )
    async def report(
        name: str,
        format: str,
        request: HttpRequest,
        caller: Caller,
        work: Work,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        now = platform.clock()
        found = named(name)
        check_format(format)
        asked = parse(found, _given(request), now)
        if not may_ask(caller, asked.question):
            raise Problem.forbidden("area_scope")
        document, watermark = await _document(work, asked, caller, platform)
        about = (name, format, *(f"{key}={value}" for key, value in sorted(asked.asked.items())))
        tag = watermark.etag(*about, now.date().isoformat(), caller.unit, caller.role)
        headers = {"ETag": tag, "Khopso-Watermark": str(watermark), "Cache-Control": "private, no-cache"}
        if if_none_match is not None and tag in [part.strip() for part in if_none_match.split(",")]:
            return Response(status_code=304, headers=headers)
        async with turns:
            content = await asyncio.to_thread(_RENDER[format], document)
        headers["Content-Disposition"] = _disposition(document, asked, format)
        return Response(content, media_type=FORMATS[format], headers=headers)

    return router


async def _document(
    work: UnitOfWork, asked: Request, caller: Principal, platform: Platform
) -> tuple[Document, Watermark]:
    """The document from one state of the live generation; once more where that was dropped meanwhile."""
    for attempt in range(1, _TRIES + 1):
        try:
            async with desk.reading(work) as (connection, number):
                watermark = await read_watermark(connection, number)
                check_known_at(asked.question, watermark)
                return await usecases.make(connection, asked, caller, platform.clock()), watermark
        except Exception as error:
            if attempt == _TRIES or not isinstance(database_error(error), psycopg.errors.UndefinedTable):
                raise
    raise AssertionError("unreachable")


def _disposition(document: Document, asked: Request, format_: str) -> str:
    """A name that every program can save, and one as people call it (RFC 6266)."""
    period = asked.asked.get("year") or asked.asked.get("period") or asked.windows.last.isoformat()
    plain = f"bao-cao-{document.report}-{period}-{asked.area.code}.{format_}"
    said = f"Báo cáo {document.report} {asked.windows.label} - {asked.area.name}.{format_}".replace("/", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(said)}"


def _given(request: HttpRequest) -> dict[str, str]:
    """The parameters; one that is given twice is a fault of the question, not silently the last."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        given[f"{name} (again)" if name in given else name] = value
    return given
