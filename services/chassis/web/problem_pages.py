"""Problems as pages: what an API answers with a problem document, a browser gets as a page that says what to do."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from services.chassis.problems import MEDIA_TYPE
from services.chassis.web.models import Page
from services.chassis.web.rendering import HEADERS, rendered
from texts import Message, message

_SIGN_IN, _FORM_ONLY = 401, 405
_REMEDIES = {
    400: "page.problem.go_back",
    401: "page.problem.sign_in",
    403: "page.problem.ask_for_right",
    404: "page.problem.check_address",
    422: "page.problem.go_back",
    429: "page.problem.wait",
}


@dataclass(frozen=True, kw_only=True)
class ProblemPage(Page):
    """A problem: what is wrong, in detail, what to do, and the number to look it up by."""

    template: ClassVar[str] = "problem.html"
    faults: tuple[tuple[str, Message], ...]
    remedy: Message
    correlation: str
    sign_in: bool


def problem_page(document: dict[str, Any]) -> ProblemPage:
    """Return the page of a problem document."""
    status = document["status"]
    remedy = _REMEDIES.get(status, "page.problem.wait" if status >= 500 else "page.problem.go_back")
    return ProblemPage(
        title=Message(**document["message"]),
        faults=tuple((fault["field"], Message(**fault["message"])) for fault in document["errors"]),
        remedy=message(remedy),
        correlation=document["correlationid"] or "",
        sign_in=status == _SIGN_IN,
    )


class ProblemPages:
    """Turns problem documents into pages where a browser asks; the status and the other headers stay.

    Outside of everything that may refuse a request, so that no refusal, however early, is shown as JSON.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        start: Part | None = None
        body = bytearray()

        async def turned(part: Part) -> None:
            nonlocal start
            if part["type"] == "http.response.start" and _is_problem(part):
                start = _led_home(scope, part)
            elif start is None:
                await send(part)
            else:
                body.extend(part.get("body", b""))
                if not part.get("more_body", False):
                    await _send_page(scope, start, bytes(body), send)

        await self.app(scope, receive, turned)


def _wants_page(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    # Below /v1 everybody gets the documented problem: libraries often accept anything, text/html included.
    return b"text/html" in accepted and not scope["path"].startswith("/v1/")


def _is_problem(start: Part) -> bool:
    content_type = dict(start.get("headers", ())).get(b"content-type", b"")
    return bool(content_type.startswith(MEDIA_TYPE.encode()))


def _led_home(scope: Scope, start: Part) -> Part:
    """Return the start of an answer, leading to the room's home where only a form sends to the address.

    Whoever comes to such an address otherwise comes from a change of language, a sign-in or a bookmark.
    """
    if start["status"] != _FORM_ONLY or scope["method"] not in ("GET", "HEAD"):
        return start
    room = scope["path"].split("/")[1]
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["location"] = f"/{quote(room)}/"
    return {**start, "status": 303, "headers": headers.raw}


async def _send_page(scope: Scope, start: Part, document: bytes, send: Send) -> None:
    content = rendered(Request(scope), problem_page(json.loads(document))).encode()
    headers = MutableHeaders(raw=list(start["headers"]))
    headers.update(
        {**HEADERS, "content-type": "text/html; charset=utf-8", "content-length": str(len(content))}
    )
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": content})
