"""Asking every service how it is, for the page of operators: at once, for a moment only, as whoever has signed in."""

import asyncio
from dataclasses import dataclass

import httpx
from pydantic import ValidationError

from services.chassis.http import ServiceStatus
from services.gateway.sessions import Session
from services.gateway.settings import SERVICES, GatewaySettings

_SECONDS = 4.0
"""A service that does not say within it how it is counts as away: the page must come while things are bad."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a service answered: its status, or a refusal (``code`` and the document of the problem); neither: it is away."""

    service: str
    status: ServiceStatus | None = None
    code: int | None = None
    problem: bytes = b""


class Asker:
    """Asks the services for their status."""

    def __init__(self, settings: GatewaySettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            transport=transport, timeout=_SECONDS, trust_env=False, follow_redirects=False
        )

    async def ask_all(self, session: Session) -> list[Heard]:
        """Return what each service answers to the person of the session, in the order of `SERVICES`."""
        return list(await asyncio.gather(*(self._ask(service, session) for service in SERVICES)))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, service: str, session: Session) -> Heard:
        url = f"{self._settings.url_of(service)}/v1/status"
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await self._client.get(
                    url, headers={"Authorization": f"Bearer {session.access_token}"}
                )
        except (httpx.TransportError, TimeoutError):
            return Heard(service)
        if answer.status_code in (401, 403):
            return Heard(service, code=answer.status_code, problem=answer.content)
        try:
            return Heard(service, ServiceStatus.model_validate_json(answer.content))
        except ValidationError:
            return Heard(
                service
            )  # it answers something else: a proxy before it, or a service that is starting
