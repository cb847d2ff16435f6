"""The HTTP server's own limits: how long a request may take to arrive, how many connections there may be.

uvicorn waits for a request's headers without a limit, so some hundred half-sent requests could hold as many
connections for as long as their sender likes. Here each part of a request has a time limit.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.chassis.runtime import ProcessSettings

_HEAD_BYTES = 32_768
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class TimedProtocol(H11Protocol):
    """One connection, closed with 408 where the request's head or body does not arrive in time."""

    head_seconds = 10.0
    body_seconds = 120.0
    _reading: object = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit of the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Pass on the bytes that arrived; the first byte of a later request starts its time limit."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of the closed connection."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        state = self.conn.their_state
        if state is self._reading and self._timer is not None:
            return  # the time of this part runs already, and further bytes do not prolong it
        self._unwatch()
        limits = {h11.IDLE: self.head_seconds, h11.SEND_BODY: self.body_seconds}
        if state in limits:
            self._reading = state
            self._timer = self.loop.call_later(limits[state], self._too_slow)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._reading = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.conn.their_state is not self._reading or self.transport.is_closing():
            return
        # After an answer has begun, a second one would break the protocol.
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_TIMED_OUT)
        self.transport.close()


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the owner of the process decides in which order it stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the owner."""
        yield


def server_config(app: ASGIApp, settings: ProcessSettings, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration for an application of this service."""
    limits = {"head_seconds": settings.http_head_seconds, "body_seconds": settings.http_body_seconds}
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=type("Protocol", (TimedProtocol,), limits),
        log_config=None,
        access_log=False,
        server_header=False,
        # The header that names the caller's address is trusted only where one of our proxies has written it.
        proxy_headers=settings.http_trusted_proxies is not None,
        forwarded_allow_ips=settings.http_trusted_proxies,
        limit_concurrency=settings.http_max_connections,
        timeout_keep_alive=settings.http_keep_alive_seconds,
        timeout_graceful_shutdown=round(settings.drain_seconds),
        h11_max_incomplete_event_size=_HEAD_BYTES,
        lifespan="on",
    )
