"""The client of the hashing process, which alone holds the province's secret (`services.registry.hashing`)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from services.chassis.runtime import ServiceSettings, correlation_id
from services.linkage import Message

HASHES_PATH = "/v1/hashes"
RENEWALS_PATH = "/v1/renewals"
EPOCH_PATH = "/v1/epoch"
MESSAGES_LIMIT = 5_000
"""How many messages one request may have; longer batches are several requests."""


class HashingUnreachableError(Exception):
    """The hashing process does not answer, or refuses: nothing can be linked now."""


class HashingRotatesError(HashingUnreachableError):
    """The province's secret is being rotated: nobody is hashed until that is over."""


@dataclass(frozen=True, slots=True)
class HashingEpoch:
    """Which secret hashes: the number of its epoch, and whether it is being rotated to the next one."""

    epoch: int
    rotating: bool


class HashingClient:
    """Asks the hashing process, over connections that are kept; every request has a time limit.

    After a failure one request at a time goes there until one succeeds; the others fail at once. A process that hangs
    would else hold up as many hand-ins, each with its connection to the database, until nobody could read either.
    """

    def __init__(
        self, url: str, key: str, *, seconds: float = 5, client: httpx.AsyncClient | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}"}
        self._seconds = seconds
        self._away = self._trying = False
        self._client = client

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

    async def renew(self, messages: Sequence[Message]) -> list[tuple[str, str]]:
        """Return the hash of each message under the former secret and under the next one; only during a rotation.

        HashingUnreachableError as for `hash`, and while no rotation is going on.
        """
        found: list[tuple[str, str]] = []
        for start in range(0, len(messages), MESSAGES_LIMIT):
            asked = messages[start : start + MESSAGES_LIMIT]
            pairs = await self._list(RENEWALS_PATH, asked, "pairs")
            found += [(str(former), str(renewed)) for former, renewed in pairs]
        return found

    async def epoch(self) -> HashingEpoch:
        """Return under which epoch's secret is hashed now; HashingUnreachableError where there is no answer in time."""
        answer = await self._document("GET", EPOCH_PATH, None)
        return HashingEpoch(int(answer["epoch"]), bool(answer["rotating"]))

    async def close(self) -> None:
        """Close the connections, where there are some."""
        if self._client is not None:
            await self._client.aclose()

    def _http(self) -> httpx.AsyncClient:
        # Made at the first request: it reads all certificates that the machine trusts, which takes 20 to 80 ms.
        if self._client is None:
            # A proxy from the environment must never see identities.
            self._client = httpx.AsyncClient(timeout=self._seconds, trust_env=False)
        return self._client

    async def _asked(self, messages: Sequence[Message]) -> list[str]:
        trial = self._away
        if trial and self._trying:
            raise HashingUnreachableError("did not answer, and another request tries already")
        self._trying = trial
        try:
            found = [str(each) for each in await self._list(HASHES_PATH, messages, "hashes")]
        except HashingUnreachableError:
            self._away = True
            raise
        finally:
            if trial:
                self._trying = False
        self._away = False
        return found

    async def _list(self, path: str, messages: Sequence[Message], name: str) -> list[Any]:
        answer = await self._document("POST", path, orjson.dumps({"messages": messages}))
        found = answer.get(name)
        # By their places alone hashes belong to messages: with one too few people would get each other's.
        if not isinstance(found, list) or len(found) != len(messages):
            raise HashingUnreachableError("answer of another length")
        return found

    async def _document(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {**self._headers, "x-correlation-id": correlation_id.get() or ""}
        client = self._http()
        try:
            # The client's own limits are for each step; a process that sends byte by byte must not take longer either.
            async with asyncio.timeout(self._seconds):
                answer = await client.request(method, self._url + path, content=body, headers=headers)
            answer.raise_for_status()
            found = orjson.loads(answer.content)
        except (httpx.HTTPError, TimeoutError, ValueError) as failed:
            # By its class alone: the request, which errors of the client refer to, holds identities.
            raise _unreachable(failed) from None
        if not isinstance(found, dict):
            raise HashingUnreachableError("answer of another shape")
        return found


def _unreachable(failed: Exception) -> HashingUnreachableError:
    if not isinstance(failed, httpx.HTTPStatusError):
        return HashingUnreachableError(type(failed).__name__)
    status = failed.response.status_code
    # The process itself answers so during a rotation alone.
    kind = HashingRotatesError if status == httpx.codes.SERVICE_UNAVAILABLE else HashingUnreachableError
    return kind(f"status {status}")
