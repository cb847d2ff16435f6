"""One report as a file in one format, as the interface and the pages give it out."""

import asyncio
from collections.abc import Callable, Mapping
from hashlib import sha256
from urllib.parse import quote

from fastapi import Response

from services.chassis.http import has_it
from services.chassis.platform import Platform
from services.reporting.documents import render_csv, render_docx, render_json, render_pdf, render_xlsx
from services.reporting.documents.document import Document
from services.reporting.documents.making import made, question_of
from services.reporting.documents.requests import FORMATS, Request, check_format, named
from services.reporting.documents.vietnamese import file_title
from services.reporting.figures import QueryService, Reader

_RENDER: Mapping[str, Callable[[Document], bytes]] = {
    "docx": render_docx.render,
    "pdf": render_pdf.render,
    "xlsx": render_xlsx.render,
    "csv": render_csv.render,
    "json": render_json.render,
}
_AT_ONCE = 2
"""Number of reports that one process renders at the same time. Others wait, while figures are still answered."""


class Printing:
    """Makes and renders reports, a few at a time."""

    def __init__(self, platform: Platform, queries: QueryService) -> None:
        self._platform = platform
        self._queries = queries
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def file(
        self, name: str, format_: str, given: Mapping[str, str], reader: Reader, has: str | None = None
    ) -> Response:
        """Return the report that the parameters ask for, 304 where the caller ``has`` it already.

        Raises:
            Problem: 404 for an unknown report, format, area or closing, 422 with every fault, 403 without the right.
        """
        found = named(name)
        check_format(format_)
        question = await question_of(self._platform, self._queries, found, given, reader)
        asked = question.asked
        document, state = await made(self._platform, self._queries, question, reader)
        tag = _tag(
            state,
            name,
            format_,
            *sorted(map("=".join, asked.asked.items())),
            reader.caller.unit,
            reader.caller.role,
            *sorted(reader.agencies),
            document.letterhead.day.isoformat(),
        )
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if has_it(has, tag):
            return Response(status_code=304, headers=headers)
        async with self._turns:
            content = await asyncio.to_thread(_RENDER[format_], document)
        headers["Content-Disposition"] = _disposition(document, asked, format_)
        return Response(content, media_type=FORMATS[format_], headers=headers)


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
