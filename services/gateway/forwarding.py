"""Passing a request on to the service that serves the page, and its answer back, both as streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http.cookiejar import DefaultCookiePolicy

import httpx
from fastapi import Request
from fastapi.responses import StreamingResponse

from services.chassis.runtime import correlation_id
from services.chassis.web import language_of
from services.gateway.sessions import Session
from services.gateway.settings import GatewaySettings

_PASSED_ON = frozenset(
    {
        "accept",
        "accept-encoding",
        "content-type",
        "if-modified-since",
        "if-none-match",
        "range",
        "if-range",
        "hx-request",
        "hx-request-type",
        "hx-source",
        "hx-target",
        "hx-current-url",
    }
)
"""All headers of a browser that a service gets: what is not listed (who it is, where from, cookies) the gateway alone says."""
_NOT_RETURNED = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade", "set-cookie", "server", "date", "clear-site-data"),
    }
)
_CONNECT_SECONDS = 3.0


class ServiceAwayError(Exception):
    """A service does not answer, or not in time. ``service`` is its name."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Forwarder:
    """Asks the services. Nothing of one request stays for the next: no cookies, no redirects followed, no proxy."""

    def __init__(self, settings: GatewaySettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(settings.forward_seconds, connect=_CONNECT_SECONDS),
            trust_env=False,
            follow_redirects=False,
        )
        # One client for everybody: a cookie that it kept would go along with the next person's request.
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def forward(self, service: str, request: Request, session: Session) -> "Passed":
        """Send the request to the service for the caller of the session; return its answer, whose body is not read yet.

        Raises:
            ServiceAwayError: there is no answer within the time limit.
        """
        raw: bytes = request.scope["raw_path"]
        query: bytes = request.scope["query_string"]
        target = raw.split(b"?")[0] + (b"?" + query if query else b"")
        sent = httpx.Request(
            request.method,
            # The bytes that were looked at. Written anew by httpx, escapes could lead the service to another path.
            httpx.URL(self._settings.url_of(service)).copy_with(raw_path=target),
            headers=_headers(request, session),
            content=request.stream() if request.method == "POST" else None,
        )
        try:
            async with asyncio.timeout(self._settings.forward_seconds):
                answer = await self._client.send(sent, stream=True)
        except (httpx.TransportError, TimeoutError):
            raise ServiceAwayError(service) from None
        return Passed(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class Passed:
    """The answer of a service, to be returned or closed."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.status = answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers as the service sent them."""
        return self._answer.headers

    def response(self) -> StreamingResponse:
        """Return the answer to the browser, read from the service while it is sent."""
        # What ``Connection`` names is of one hop alone (RFC 9110, 7.6.1).
        named = {each.strip().lower() for each in self._answer.headers.get("connection", "").split(",")}
        returned = StreamingResponse(self._body(), self.status)
        returned.raw_headers = [
            (name.lower(), value)
            for name, value in self._answer.headers.raw
            if name.lower().decode("latin-1") not in _NOT_RETURNED | named
        ]
        return returned

    async def close(self) -> None:
        """Leave the rest of the answer unread."""
        await self._answer.aclose()

    async def _body(self) -> AsyncIterator[bytes]:
        try:
            # Still compressed, as it came: the browser itself has said what it can open.
            async for part in self._answer.aiter_raw():
                yield part
        finally:
            await self._answer.aclose()


def _headers(request: Request, session: Session) -> list[tuple[str, str]]:
    given = [(name, value) for name, value in request.headers.items() if name in _PASSED_ON]
    own = {
        "authorization": f"Bearer {session.access_token}",
        "accept-language": language_of(request),
        "x-forwarded-for": request.client.host if request.client else "",
        "x-correlation-id": correlation_id.get() or "",
    }
    # A body of known length is sent as such: a service refuses what is too long before it reads it.
    length = request.headers.get("content-length")
    if length is not None and request.method == "POST":
        own["content-length"] = length
    return given + [(name, value) for name, value in own.items() if value]
