"""The embedded stack's token issuer: a key of its own, and tokens signed with it.

A real deployment has an OpenID Connect provider instead; services only ever see a JWKS address (`deploy.key_server`).
"""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from joserfc import jwk, jwt
from joserfc.errors import JoseError

from deploy.embedded.files import write_private
from deploy.embedded.state import AUDIENCE, ISSUER

ALGORITHM = "ES256"


class Issuer:
    """Signs tokens with the EC P-256 key in `key_file`, which is made on first use (mode 0600)."""

    def __init__(self, key_file: Path, now: Callable[[], float] = time.time) -> None:
        self._now = now
        if not key_file.exists():
            fresh = jwk.generate_key(
                "EC", "P-256", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True
            )
            write_private(key_file, json.dumps(fresh.as_dict(private=True)))
        self._key = jwk.import_key(json.loads(key_file.read_text()), "EC")

    def public_jwks(self) -> dict[str, list[dict[str, object]]]:
        """Return the JSON Web Key Set with the public half."""
        return {"keys": [{**self._key.as_dict(private=False)}]}

    def mint(
        self,
        unit: str,
        role: str,
        area: str | None = None,
        ttl_seconds: int = 3600,
        subject: str | None = None,
        signed_in_at: int | None = None,
    ) -> str:
        """Return a signed token for `unit` in `role`, good for `ttl_seconds`.

        `area` is the area code of the unit and with it the scope of writes and reads; `signed_in_at` is when the person
        signed in (seconds since 1970), now by default: whoever asks this issuer for a token has just done so.
        """
        now = int(self._now())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject or f"{role}@{unit}",
            "unit": unit,
            "role": role,
            "iat": now,
            # The clock of a service may be a few seconds behind ours; a fresh token must not be refused for that.
            "nbf": now - 5,
            "exp": now + ttl_seconds,
            "auth_time": now if signed_in_at is None else signed_in_at,
            "jti": str(uuid.uuid4()),
        }
        if area is not None:
            claims["area"] = area
        return self.sign(claims)

    def sign(self, claims: dict[str, object]) -> str:
        """Return the claims as a signed token."""
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}, claims, self._key)

    def read(self, token: str) -> dict[str, object] | None:
        """Return the claims of a token that this issuer has signed, ended or not; None for any other text."""
        try:
            return jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
