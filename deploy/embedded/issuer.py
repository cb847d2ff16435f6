"""The embedded stack's token issuer: a key of its own, tokens signed with it, its public half served on loopback.

A real deployment has an OpenID Connect provider instead; services only ever see a JWKS address.
"""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from joserfc import jwk, jwt

from deploy.embedded.files import write_private
from deploy.embedded.state import AUDIENCE, ISSUER
from deploy.ports import LOOPBACK

ALGORITHM = "ES256"
ROLES = ("clerk", "official", "analyst", "admin")
_JWKS_PATH = "/jwks.json"


class Issuer:
    """Signs tokens with the EC P-256 key in `key_file`, which is made on first use (mode 0600)."""

    def __init__(self, key_file: Path) -> None:
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
    ) -> str:
        """Return a signed token for `unit` in `role`, good for `ttl_seconds`.

        `area` is the area code of the unit and with it the scope of writes and reads.
        """
        now = int(time.time())
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
            "jti": str(uuid.uuid4()),
        }
        if area is not None:
            claims["area"] = area
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}, claims, self._key)


class JwksServer:
    """Serves the issuer's public keys on a loopback port, in a thread of this process."""

    def __init__(self, issuer: Issuer, port: int) -> None:
        document = json.dumps(issuer.public_jwks()).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.path == _JWKS_PATH
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "application/json")
                body = document if known else b"{}"
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing: every service asks every few minutes."""

        self.url = f"http://{LOOPBACK}:{port}{_JWKS_PATH}"
        self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        # As a daemon thread it cannot keep a supervisor alive that has failed.
        self._thread = threading.Thread(target=self._server.serve_forever, name="jwks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
