"""What happens around every request: correlation id, trace, metrics by route template, size limit, 500 for errors."""

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import SpanKind, StatusCode
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference import number_within
from services.chassis.problems import Problem, passing_problem, respond
from services.chassis.runtime import (
    TRACEPARENT,
    Metrics,
    Tracing,
    correlation_id,
    describe,
    get_logger,
    remote_parent,
    uuid7,
)

HEADER = "x-correlation-id"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SILENT = {"/live", "/ready", "/metrics"}
log = get_logger(__name__)


class Surroundings:
    """Outermost: gives each request its correlation id, traces, counts and times it, answers uncaught errors with 500.

    The id comes from the caller where it is a UUID. The log line has method, route template, status and time; never
    the path itself or its query, which may carry values.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self.app = app
        self.metrics = metrics
        self.tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = correlation_id.set(_correlation(scope))
        started = time.perf_counter()
        # A request that breaks off before its answer counts as failed, so that is where it starts.
        outcome: dict[str, Any] = {"status": 500, "started": False}
        self.metrics.http_in_flight.inc()
        try:
            with self._traced(scope, outcome):
                await self._answer(scope, receive, _recording(send, outcome), outcome)
        finally:
            self.metrics.http_in_flight.dec()
            self._count(scope, outcome["status"], time.perf_counter() - started)
            correlation_id.reset(token)

    @contextmanager
    def _traced(self, scope: Scope, outcome: dict[str, Any]) -> Iterator[None]:
        """Trace the request, under the caller's trace if it names one. Probes of health and metrics are not traced."""
        if scope["path"] in _SILENT:
            yield
            return
        given = dict(scope["headers"]).get(TRACEPARENT.encode(), b"").decode("latin-1")
        method = scope["method"]
        with self.tracing.span(method, kind=SpanKind.SERVER, parent=remote_parent(given)) as span:
            try:
                yield
            finally:  # the route is known once the request has been answered
                route, status = _route(scope), outcome["status"]
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": status,
                    }
                )
                if status >= 500:
                    span.set_status(StatusCode.ERROR)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, outcome: dict[str, Any]) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            log.error("request failed", route=_route(scope), **describe(error))
            # A status that has been sent cannot be taken back; a second answer would break the protocol.
            if outcome["started"]:
                raise
            problem = passing_problem(error) or Problem(500, "internal")
            await respond(Request(scope), problem)(scope, receive, send)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = _route(scope), scope["method"]
        self.metrics.http_requests.labels(method, route, str(status)).inc()
        self.metrics.http_seconds.labels(method, route).observe(seconds)
        if route not in _SILENT:
            log.info(
                "request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1)
            )


class HeadAsGet:
    """Answers HEAD as GET is answered, without the body: same status, entity tag and length (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(part: Message) -> None:
            await send({**part, "body": b""} if part["type"] == "http.response.body" else part)

        await self.app({**scope, "method": "GET"}, receive, bodiless)


class BodyLimit:
    """Refuses bodies over the limit with 413: by their declared length, or while they stream in."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self.app = app
        self.limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if number_within(declared.decode("latin-1"), 0, self.limit) is None:
            await respond(Request(scope), Problem(413, "body_too_large"))(scope, receive, send)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            part = await receive()
            # A body sent in chunks declares no length, so the limit is checked while it arrives.
            taken += len(part.get("body", b""))
            if taken > self.limit:
                raise HTTPException(413)
            return part

        await self.app(scope, limited, send)


def _recording(send: Send, outcome: dict[str, Any]) -> Callable[[Message], Awaitable[None]]:
    async def recorded(part: Message) -> None:
        if part["type"] == "http.response.start":
            outcome.update(status=part["status"], started=True)
            current = correlation_id.get() or ""
            part["headers"] = [*part.get("headers", ()), (HEADER.encode(), current.encode())]
        await send(part)

    return recorded


def _correlation(scope: Scope) -> str:
    given = dict(scope["headers"]).get(HEADER.encode(), b"").decode("latin-1")
    # The id is written to logs and the audit: any word that a caller might choose could be somebody's name.
    return given.lower() if _UUID.fullmatch(given) else str(uuid7())


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"
