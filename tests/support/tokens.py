"""A token issuer in miniature: keys, tokens, and an HTTP client that serves the keys."""

import time
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.chassis.security.auth import TokenVerifier

ISSUER, AUDIENCE = "https://issuer.test", "khopso"


class Issuer:
    """Signs tokens and serves its public keys; may be away, may rotate its key."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", parameters={"kid": "one"})
        self.published = [self.key]
        self.away = False
        self._failures = 0
        self.asked = 0

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on; the old one stays published."""
        self.key = ECKey.generate_key("P-256", parameters={"kid": kid})
        self.published.append(self.key)

    def away_for(self, questions: int) -> None:
        """Leave the next questions without an answer."""
        self._failures = questions

    def token(self, **claims: Any) -> str:
        """A token; claims given as None are left out."""
        now = int(time.time())
        values: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "somebody",
            "exp": now + 600,
            "iat": now,
            "jti": str(uuid4()),
            "unit": "police:30",
            "area": "30",
            "role": "clerk",
        } | claims
        kept = {name: value for name, value in values.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, kept, self.key)

    def verifier(self, **options: Any) -> TokenVerifier:
        """A verifier that asks this issuer."""
        return TokenVerifier("https://issuer.test/jwks", ISSUER, AUDIENCE, client=self._client(), **options)

    def _client(self) -> httpx.AsyncClient:
        def answer(_: httpx.Request) -> httpx.Response:
            self.asked += 1
            if self.away or self.asked <= self._failures:
                raise httpx.ConnectError("away")
            return httpx.Response(200, json=KeySet(list(self.published)).as_dict(private=False))

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))
