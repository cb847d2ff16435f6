"""The language of a browser's pages: chosen by its reader, kept in a cookie, told to the services as ``Accept-Language``."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.web import language_of
from texts import LANGUAGES

COOKIE = "khopso-language"


class InLanguage:
    """Puts the one language of a request's answer in place of everything that the browser would read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            chosen = request.cookies.get(COOKIE)
            language = chosen if chosen in LANGUAGES else language_of(request)
            kept = [(name, value) for name, value in scope["headers"] if name != b"accept-language"]
            scope = {**scope, "headers": [*kept, (b"accept-language", language.encode())]}
        await self.app(scope, receive, send)
