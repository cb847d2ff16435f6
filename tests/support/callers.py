"""Callers whose tokens are their names, and a service that knows them, asked without a network."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import httpx

from services.chassis.platform import Platform
from services.chassis.runtime.clock import Clock
from services.chassis.security.auth import NotAuthenticatedError, Principal, TokenVerifier
from services.chassis.service import Compose, http_app
from tests.support.clock import FixedClock


class NamedCallers:
    """Takes a caller's name as a token; any other name is nobody's."""

    def __init__(self, callers: Mapping[str, Principal], clock: Clock) -> None:
        self._callers = callers
        self._clock = clock

    async def verify(self, token: str) -> Principal:
        """The caller of that name."""
        if token not in self._callers:
            raise NotAuthenticatedError("token_invalid")
        caller = self._callers[token]
        # Who is called by name has just signed in, unless the test says when.
        if caller.signed_in_at is None:
            return replace(caller, signed_in_at=int(self._clock().timestamp()))
        return caller


def known_to(
    platform: Platform, callers: Mapping[str, Principal], now: datetime | Clock, **changed: Any
) -> Platform:
    """The platform, where these callers are known and the clock stands still (or is the one given)."""
    clock = FixedClock(now) if isinstance(now, datetime) else now
    verifier = cast(TokenVerifier, NamedCallers(callers, clock))
    return replace(platform, verifier=verifier, clock=clock, **changed)


def client_of(platform: Platform, compose: Compose, **given: Any) -> httpx.AsyncClient:
    """The service's HTTP application; to be used in ``async with``."""
    transport = httpx.ASGITransport(http_app(platform, compose(platform), ["api"]))
    return httpx.AsyncClient(transport=transport, base_url="http://service", **given)


def bearer(who: str, **more: str) -> dict[str, str]:
    """The headers of a caller's request."""
    return {"Authorization": f"Bearer {who}", **more}
