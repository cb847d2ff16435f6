"""Who visits, and what every route of browsers does: find the session, keep what was sent too late, ask to sign in."""

from urllib.parse import parse_qs

from fastapi import Request, Response

from reference import number_within, unit_name
from services.chassis.problems import Problem
from services.chassis.web import Page, Reader, answer
from services.gateway import pages
from services.gateway.addresses import own_address
from services.gateway.gateway import Gateway
from services.gateway.kept import LIMIT_BYTES, Typed, typed_in
from services.gateway.sessions import Ended, Locked, Session

Visitor = Session | Locked | Ended | None
CHALLENGE = "Bearer"
_FORM_LIMIT = 16_384


async def found(gateway: Gateway, request: Request) -> Visitor:
    """Return the browser's session, and have the page's head name its person."""
    visitor = await gateway.sessions.find(gateway.cookies.session(request))
    if isinstance(visitor, Session):
        request.state.reader = Reader(name=visitor.subject, unit=unit_name(visitor.unit))
    return visitor


async def must_sign_in(
    gateway: Gateway, request: Request, visitor: Locked | Ended | None, back: str
) -> Response:
    """Return the page on which to sign in, or to type the PIN of a session that is locked; a form that was sent is kept."""
    sent: pages.Sent | None = None
    if request.method == "POST":
        back, sent = await keep(gateway, request, visitor.subject if visitor else None)
    if isinstance(visitor, Locked):
        return asked(request, pages.locked(back, visitor.subject, sent=sent))
    return asked(request, pages.sign_in(back, again=visitor is not None, sent=sent))


async def keep(gateway: Gateway, request: Request, subject: str | None) -> tuple[str, pages.Sent | None]:
    """Keep the form that was sent, for whom it is known to be of; return where it goes on, and what became of the form."""
    path = request.scope["raw_path"].split(b"?")[0].decode("latin-1")
    # What a script sends stands on its page, which stays.
    headers = request.headers
    by_script = "hx-request" in headers or "text/html" not in headers.get("accept", "")
    if request.method != "POST" or by_script:
        return address(request, path), None
    sent = await typed(request)
    if subject is None or sent is None or not await gateway.kept.keep(subject, path, sent):
        return address(request, path), "lost"
    return "/resume", "kept_without_file" if sent.files else "kept"


async def typed(request: Request) -> Typed | None:
    """Return what was typed into a form that could be kept; None of anything else, which is then passed on as it comes."""
    length = number_within(request.headers.get("content-length", ""), 0, LIMIT_BYTES)
    if request.method != "POST" or length is None:
        return None
    return await typed_in(request.headers.get("content-type", ""), await request.body())


def asked(request: Request, page: Page) -> Response:
    """Return a page that asks who somebody is, in place of what was asked for."""
    return answer(request, page, 401, {"WWW-Authenticate": CHALLENGE})


def address(request: Request, path: str) -> str:
    """Return where to come back to: the page itself, or for what was sent the page of the same address."""
    query = request.scope["query_string"].decode("latin-1")
    return own_address(f"{path}?{query}" if query else path)


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a small form, the last of each name."""
    body = await request.body()
    if len(body) > _FORM_LIMIT:
        raise Problem(413, "body_too_large")
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
