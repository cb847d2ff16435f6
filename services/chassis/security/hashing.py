"""The client of the hashing process, which alone holds the province's secret (`services.registry.hashing`)."""

import asyncio
from collections.abc import Sequence

import httpx
import orjson

from services.chassis.runtime import ServiceSettings, correlation_id
from services.linkage import Message

HASHES_PATH = "/v1/hashes"
MESSAGES_LIMIT = 5_000
"""How many messages one request may have; longer batches are several requests."""


class HashingUnreachableError(Exception):
    """The hashing process does not answer, or refuses: nothing can be linked now."""


class HashingClient:
    """Asks the hashing process, over connections that are kept; every request has a time limit.

    After a failure one request at a time goes there until one succeeds; the others fail at once. A process that hangs
    would else hold up as many hand-ins, each with its connection to the database, until nobody could read either.
    """

    def __init__(
        self, url: str, key: str, *, seconds: float = 5, client: httpx.AsyncClient | None = None
    ) -> None:
        self._url = url.rstrip("/") + HASHES_PATH
        self._headers = {"authorization": f"Bearer {key}"}
        self._seconds = seconds
        self._away = self._trying = False
        # A proxy from the environment must never see identities.
        self._client = client or httpx.AsyncClient(timeout=seconds, trust_env=False)

    @classmethod
    def of(cls, settings: ServiceSettings) -> "HashingClient | None":
        """Return the client that the settings describe; None in a service that links nobody."""
        if settings.hashing_url is None or settings.hashing_key is None:
            return None
        key = settings.hashing_key.get_secret_value()
        return cls(settings.hashing_url, key, seconds=settings.hashing_seconds)

    async def hash(self, messages: Sequence[Message]) -> list[str]:
        """Return the hash of each message, in their order; HashingUnreachableError where there is no answer in time."""
        found: list[str] = []
        for start in range(0, len(messages), MESSAGES_LIMIT):
            found += await self._asked(messages[start : start + MESSAGES_LIMIT])
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _asked(self, messages: Sequence[Message]) -> list[str]:
        trial = self._away
        if trial and self._trying:
            raise HashingUnreachableError("did not answer, and another request tries already")
        self._trying = trial
        try:
            found = await self._answered(messages)
        except HashingUnreachableError:
            self._away = True
            raise
        finally:
            if trial:
                self._trying = False
        self._away = False
        return found

    async def _answered(self, messages: Sequence[Message]) -> list[str]:
        headers = {**self._headers, "x-correlation-id": correlation_id.get() or ""}
        try:
            body = orjson.dumps({"messages": messages})
            # The client's own limits are for each step; a process that sends byte by byte must not take longer either.
            async with asyncio.timeout(self._seconds):
                answer = await self._client.post(self._url, content=body, headers=headers)
            answer.raise_for_status()
            hashes = orjson.loads(answer.content)["hashes"]
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as failed:
            # By its class alone: the request, which errors of the client refer to, holds identities.
            raise HashingUnreachableError(_reason(failed)) from None
        if not isinstance(hashes, list) or len(hashes) != len(messages):
            raise HashingUnreachableError("answer of another length")
        return [str(each) for each in hashes]


def _reason(failed: Exception) -> str:
    if isinstance(failed, httpx.HTTPStatusError):
        return f"status {failed.response.status_code}"
    return type(failed).__name__
