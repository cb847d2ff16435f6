"""The check of every request's text and parameters: unusable characters, and parameters that a route does not have.

PostgreSQL stores no NUL, UTF-8 has no lone surrogates, and control characters or marks that turn the direction of writing
make two texts look alike. They are refused here, before any route has seen them, for every service in the same way. The
answer names where the text stands and never repeats it.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.problems import Fault, Problem, respond
from texts import message

RULE = "text_unusable"
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
"""The pattern of a member that is one line of text."""
LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""The pattern of a text with line breaks and tabs, and no other control characters."""
_UNUSABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_IN_JSON = re.compile(f"[{_UNUSABLE}]")
# An address or a header is one line; a text of a body may have several.
_IN_A_LINE = re.compile(f"[{_UNUSABLE}\t\n\r]")
# Few bodies contain any of these; only those are read once more to find where.
_SUSPICIOUS = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xed[\xa0-\xbf]"
    rb"|\\u(?:00[0189]|007[fF]|202[a-eA-E]|206[6-9]|[dD][89a-fA-F])"
)
_MASKED = "…"
_HEADER_BYTES = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def judges_cells(member: str) -> Callable[[Endpoint], Endpoint]:
    """Return a mark for a route that checks cells one by one, so that a bad cell refuses its own row and no other.

    ``member`` is the member of the body that holds a row's cells, ``*`` where the whole body is one row.
    """

    def marked(endpoint: Endpoint) -> Endpoint:
        endpoint.cells_in = member  # type: ignore[attr-defined]
        return endpoint

    return marked


class TextGuard:
    """Refuses paths, queries and headers that hold unusable text: 400 with every place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = list(_faults_of_head(scope)) if scope["type"] == "http" else []
        if faults:
            await respond(Request(scope), Problem(400, RULE, faults=faults))(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def only_usable_text(request: Request) -> None:
    """Refuse a JSON body that holds unusable text: 422 with every place. A dependency of every route.

    Bytes that are no JSON are left to the route, which says so.
    """
    body = await request.body()
    if _SUSPICIOUS.search(body) is None:
        return
    try:
        document = json.loads(body)
    except ValueError:
        return
    if leaves_cells_to_the_route(request):
        return
    faults = [_fault(place) for place in _unusable(document, (), _cells_in(request))]
    if faults:
        raise Problem.invalid(faults)


def leaves_cells_to_the_route(request: Request) -> bool:
    """Return whether the whole body of the request is one row, whose cells the route checks one by one."""
    return _cells_in(request) == "*"


def unusable_in_text(text: str) -> bool:
    """Return whether a text of several lines holds a character that nothing here can be stored with."""
    return _IN_JSON.search(text) is not None


def _cells_in(request: Request) -> str | None:
    return getattr(getattr(request.scope.get("route"), "endpoint", None), "cells_in", None)


async def only_known_parameters(request: Request) -> None:
    """Refuse query parameters that the route does not have, or that are given twice: 422 that names the known ones.

    An ignored parameter would change the question silently: ``?patient_no=…`` would be answered with everybody.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or _reads_them_itself(route):
        return
    known = parameters_of_route(route)
    names = [name for name, _ in request.query_params.multi_items()]
    faults = []
    for name in dict.fromkeys(names):
        if name not in known:
            text = message("parameter_unlisted", allowed=", ".join(sorted(known)) or "—")
            faults.append(Fault(name, None, "unknown_parameter", text))
        elif names.count(name) > 1:
            faults.append(Fault.of(name, None, "parameter_twice"))
    if faults:
        raise Problem.invalid(faults)


def parameters_of_route(route: APIRoute) -> frozenset[str]:
    """Return the names of the query parameters that a route declares."""
    documented = (route.openapi_extra or {}).get("parameters", ())
    return _declared(route.dependant) | {entry["name"] for entry in documented if entry["in"] == "query"}


def _declared(part: Dependant) -> frozenset[str]:
    own = frozenset(field.alias for field in part.query_params)
    return own.union(*(_declared(each) for each in part.dependencies))


def _reads_them_itself(route: APIRoute) -> bool:
    # Such routes refuse unknown names with a better answer: they guess which one was meant.
    return bool((route.openapi_extra or {}).get("parameters"))


def _faults_of_head(scope: Scope) -> Iterator[Fault]:
    path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    if not _is_a_line(path.partition(b"?")[0]):
        yield _fault(("path",))
    for pair in scope.get("query_string", b"").split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        if not _is_a_line(name):
            yield _fault(("query",))
        elif not _is_a_line(value):
            yield _fault((unquote_to_bytes(name).decode(),))
    for header, content in scope["headers"]:
        if _HEADER_BYTES.search(content):
            yield _fault((header.decode("latin-1"),))


def _is_a_line(quoted: bytes) -> bool:
    try:
        return _IN_A_LINE.search(unquote_to_bytes(quoted).decode()) is None
    except UnicodeDecodeError:
        return False


def _unusable(document: Any, place: tuple[str, ...], cells_in: str | None) -> Iterator[tuple[str, ...]]:
    if isinstance(document, str):
        if _IN_JSON.search(document):
            yield place
    elif isinstance(document, list):
        for index, each in enumerate(document):
            yield from _unusable(each, (*place, str(index)), cells_in)
    elif isinstance(document, dict):
        for name, each in document.items():
            if _IN_JSON.search(name):
                yield (*place, _MASKED)
            elif name != cells_in:
                yield from _unusable(each, (*place, name), cells_in)


def _fault(place: tuple[str, ...]) -> Fault:
    return Fault.of(".".join(place) or "body", _MASKED, RULE)
