"""The embedded stack's OpenID Connect provider: invented people sign in by choosing who they are, with no password.

Code flow with PKCE (RFC 7636) for one client, the gateway. Codes and refresh tokens are in memory: after a restart
people sign in again. It exists on the loopback address only; a real deployment has a provider of its own.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from deploy.embedded.issuer import ALGORITHM, Issuer
from deploy.embedded.people import Person, person_named
from deploy.embedded.people_page import people_page
from deploy.embedded.state import CLIENT_ID
from deploy.key_server import KEYS_PATH, NOT_FOUND, Asked, Reply
from deploy.ports import LOOPBACK

CODE_SECONDS, ACCESS_SECONDS, REFRESH_SECONDS = 60, 600, 12 * 3600
_SECRET_BYTES = 32
_CHALLENGE_LETTERS = 43  # base64url of a SHA-256
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class NotLoopbackError(ValueError):
    """The client is on another machine: its people would sign in without any password."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code or a refresh token stands for. ``session`` ties together what came from one sign-in."""

    person: Person
    session: str
    nonce: str
    challenge: str
    signed_in_at: int
    until: float


class Provider:
    """Answers the requests of the protocol. ``url`` is its own address, ``client`` the gateway's."""

    def __init__(self, issuer: Issuer, url: str, client: str, now: Callable[[], float] = time.time) -> None:
        if urlsplit(client).hostname not in (LOOPBACK, "localhost"):
            raise NotLoopbackError(client)
        self._issuer, self._url, self._now = issuer, url, now
        self._callback, self._signed_out = f"{client}/callback", f"{client}/signed-out"
        self._codes: dict[str, _Grant] = {}
        self._refreshes: dict[str, _Grant] = {}
        self._used: dict[str, _Grant] = {}
        # Each request has a thread of its own.
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Reply:
        """Return the reply to a request."""
        fields = dict(asked.fields)
        if len(fields) < len(asked.fields):
            return _error(400, "invalid_request")  # RFC 6749, 3.1: no parameter twice
        with self._lock:
            self._forget()
            match asked.method, asked.path:
                case "GET", "/.well-known/openid-configuration":
                    return _json(200, self._configuration())
                case "GET", "/authorize":
                    return self._authorize(fields)
                case "POST", "/token":
                    return self._token(fields)
                case "GET", "/end-session":
                    return self._end_session(fields)
        return NOT_FOUND

    def _configuration(self) -> dict[str, object]:
        return {
            "issuer": self._url,
            "authorization_endpoint": f"{self._url}/authorize",
            "token_endpoint": f"{self._url}/token",
            "jwks_uri": f"{self._url}{KEYS_PATH}",
            "end_session_endpoint": f"{self._url}/end-session",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid", "offline_access"],
            "ui_locales_supported": ["vi", "en"],
        }

    def _authorize(self, fields: Mapping[str, str]) -> Reply:
        """Show the people, or send the browser back with a code for the one who was chosen."""
        # Before the client and its address are known to be right, nobody is sent anywhere.
        if (fields.get("client_id"), fields.get("redirect_uri")) != (CLIENT_ID, self._callback):
            return _error(400, "invalid_request")
        fault = _fault(fields)
        if fault is not None:
            return self._back(fields, error=fault)
        if "person" not in fields:
            if fields.get("prompt") == "none":
                return self._back(fields, error="login_required")
            return _page(people_page(fields))
        person = person_named(fields["person"])
        if person is None:
            return self._back(fields, error="access_denied")
        code, now = secrets.token_urlsafe(_SECRET_BYTES), self._now()
        self._codes[code] = _Grant(
            person=person,
            session=secrets.token_urlsafe(_SECRET_BYTES),
            nonce=fields.get("nonce", ""),
            challenge=fields["code_challenge"],
            signed_in_at=int(now),
            until=now + CODE_SECONDS,
        )
        return self._back(fields, code=code)

    def _back(self, fields: Mapping[str, str], **given: str) -> Reply:
        if "state" in fields:
            given["state"] = fields["state"]
        return _redirect(f"{self._callback}?{urlencode(given)}")

    def _token(self, fields: Mapping[str, str]) -> Reply:
        if fields.get("client_id") != CLIENT_ID:
            return _error(401, "invalid_client")
        match fields.get("grant_type"):
            case "authorization_code":
                grant = self._redeemed(fields)
            case "refresh_token":
                grant = self._once(self._refreshes, fields.get("refresh_token", ""))
            case _:
                return _error(400, "unsupported_grant_type")
        return _error(400, "invalid_grant") if grant is None else self._granted(grant)

    def _redeemed(self, fields: Mapping[str, str]) -> _Grant | None:
        """Return the grant of a code, which is worth nothing afterwards, whether its verifier was right or not."""
        grant = self._once(self._codes, fields.get("code", ""))
        if grant is None or fields.get("redirect_uri") != self._callback:
            return None
        made = _challenge_of(fields.get("code_verifier", ""))
        return grant if hmac.compare_digest(made, grant.challenge) else None

    def _once(self, held: dict[str, _Grant], secret: str) -> _Grant | None:
        """Take a code or refresh token; where it was taken before, end the whole sign-in that it came from."""
        grant = held.pop(secret, None)
        if grant is not None:
            self._used[secret] = replace(grant, until=self._now() + REFRESH_SECONDS)
            return grant
        if secret in self._used:
            self._end(self._used[secret].session)
        return None

    def _granted(self, grant: _Grant) -> Reply:
        person, now = grant.person, int(self._now())
        refresh = secrets.token_urlsafe(_SECRET_BYTES)
        # Counted from the sign-in: whoever goes on refreshing must still sign in again some day.
        self._refreshes[refresh] = replace(grant, until=grant.signed_in_at + REFRESH_SECONDS)
        claims: dict[str, object] = {
            "iss": self._url,
            "aud": CLIENT_ID,
            "sub": person.subject,
            "sid": grant.session,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "auth_time": grant.signed_in_at,
        } | ({"nonce": grant.nonce} if grant.nonce else {})
        access = self._issuer.mint(
            person.unit, person.role, person.area, ACCESS_SECONDS, signed_in_at=grant.signed_in_at
        )
        document = {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": access,
            "refresh_token": refresh,
            "id_token": self._issuer.sign(claims),
        }
        return _json(200, document)

    def _end_session(self, fields: Mapping[str, str]) -> Reply:
        claims = self._issuer.read(fields.get("id_token_hint", "")) or {}
        self._end(str(claims.get("sid", "")))
        if fields.get("post_logout_redirect_uri") != self._signed_out:
            return _error(400, "invalid_request")
        state = {"state": fields["state"]} if "state" in fields else {}
        return _redirect(f"{self._signed_out}?{urlencode(state)}" if state else self._signed_out)

    def _end(self, session: str) -> None:
        for held in (self._codes, self._refreshes):
            for secret in [each for each, grant in held.items() if grant.session == session]:
                del held[secret]

    def _forget(self) -> None:
        now = self._now()
        for held in (self._codes, self._refreshes, self._used):
            for secret in [each for each, grant in held.items() if grant.until <= now]:
                del held[secret]


def _fault(fields: Mapping[str, str]) -> str | None:
    """Return the error (RFC 6749, 4.1.2.1) of a request whose client is known; None where there is none."""
    if fields.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in fields.get("scope", "").split():
        return "invalid_scope"
    pkce = (fields.get("code_challenge_method"), len(fields.get("code_challenge", "")))
    return None if pkce == ("S256", _CHALLENGE_LETTERS) and fields.get("state") else "invalid_request"


def _challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _json(status: int, document: Mapping[str, object]) -> Reply:
    return Reply(status, json.dumps(document).encode(), headers=_NO_STORE)


def _error(status: int, error: str) -> Reply:
    return _json(status, {"error": error})


def _redirect(address: str) -> Reply:
    return Reply(303, b"", "text/plain", {"Location": address} | _NO_STORE)


def _page(text: str) -> Reply:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"} | _NO_STORE
    return Reply(200, text.encode(), "text/html; charset=utf-8", headers)
