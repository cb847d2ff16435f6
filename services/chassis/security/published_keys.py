"""The keys that a token issuer publishes: fetched when needed, kept for a while, fetched anew for one that is not known."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

# With HS256 among them, anybody could take a public key for the secret and sign a token with it (RFC 8725, 2.1).
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]  # asymmetric only
# Anybody can send tokens with invented key ids; the issuer must not be asked for each of them.
_REFRESH_AT_MOST_EVERY_SECONDS = 5.0


class IssuerUnreachableError(Exception):
    """The token issuer's keys cannot be fetched now, so no token can be checked."""


class PublishedKeys:
    """The keys at one address (JSON Web Key Set). ``now`` is a clock in seconds."""

    def __init__(
        self,
        url: str,
        *,
        cache_seconds: float = 300,
        client: httpx.AsyncClient | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._cache_seconds, self._client, self._now = url, cache_seconds, client, now
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that one of the keys has signed; what they say is not looked at.

        Raises:
            InvalidKeyIdError: the issuer has no such key.
            JoseError: the signature is wrong, or the algorithm none of those that are taken.
            ValueError: it is no token.
            IssuerUnreachableError: the keys cannot be fetched.
        """
        try:
            return jwt.decode(token, await self._current(self._cache_seconds), algorithms=_ALGORITHMS).claims
        except InvalidKeyIdError:
            # Signed by a key that we do not know: the issuer may have rotated its keys.
            keys = await self._current(_REFRESH_AT_MOST_EVERY_SECONDS)
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims

    async def close(self) -> None:
        """Close the HTTP client, where there is one."""
        if self._client is not None:
            await self._client.aclose()

    def _http(self) -> httpx.AsyncClient:
        # Made at the first request: it reads all certificates that the machine trusts, which takes 50 ms.
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=5)
        return self._client

    async def _current(self, max_age: float) -> KeySet:
        if self._keys is not None and self._now() - self._fetched_at < max_age:
            return self._keys
        # One caller fetches the keys; those that wait meanwhile find them fresh and need not ask again.
        async with self._lock:
            if self._keys is not None and self._now() - self._fetched_at < max_age:
                return self._keys
            try:
                answer = await self._http().get(self._url)
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(answer.json())
            except (httpx.HTTPError, ValueError, JoseError) as failed:
                if self._keys is None:
                    raise IssuerUnreachableError(type(failed).__name__) from failed
                # Known keys stay valid while the issuer cannot be reached.
            # Also after a failure: an issuer that cannot be reached must not be asked again by every request.
            self._fetched_at = self._now()
            return self._keys
