"""The OpenID Connect provider as the gateway uses it: code flow with PKCE, refreshing, the end of a session."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ValidationError

from services.chassis.security import IssuerUnreachableError, PublishedKeys
from services.gateway.settings import GatewaySettings

_LEEWAY_SECONDS = 10
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_AGE_SECONDS = 300
_ASK_SECONDS = 5.0
Found = TypeVar("Found", bound=BaseModel)


class ProviderUnreachableError(Exception):
    """The provider does not answer, or with a fault of its own."""


class SignInRefusedError(Exception):
    """The provider does not know the code or the refresh token, or its answer is not to be believed."""


class Configuration(BaseModel):
    """What the provider publishes about itself, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class Tokens(BaseModel):
    """The answer of the token endpoint. An access token without a stated end is used for a minute."""

    access_token: str
    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: float = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has signed in, by the identity token.

    ``session`` is the provider's name of the session, ``signed_in_at`` (``auth_time``, seconds since 1970) when the person
    last proved there who he is; None where the provider does not say so.
    """

    subject: str
    session: str | None
    signed_in_at: int | None = None


class Provider:
    """One provider, asked when it is first needed: its outage must not keep the gateway from starting."""

    def __init__(
        self, settings: GatewaySettings, client: httpx.AsyncClient, now: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._client, self._now = settings, client, now
        self._configuration: Configuration | None = None
        self._keys: PublishedKeys | None = None

    @property
    def callback(self) -> str:
        """Return the address to which the provider sends browsers back."""
        return f"{self._settings.public_url}/callback"

    async def sign_in_address(
        self, *, state: str, nonce: str, verifier: str, language: str, anew: bool
    ) -> str:
        """Return where a browser signs in; ``anew``: also who is signed in there must prove again who he is."""
        fields = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self.callback,
            "scope": self._settings.oidc_scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if anew:
            # Who is asked for max_age must answer with auth_time (OpenID Connect Core, 3.1.2.1), which is looked at then.
            fields |= {"prompt": "login", "max_age": "0"}
        endpoint = (await self._published()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"

    async def redeem(self, code: str, verifier: str, nonce: str) -> tuple[Tokens, Identity]:
        """Return the tokens of a code, and whom they name.

        Raises:
            SignInRefusedError: the code or the verifier is wrong, or the identity token is not of this sign-in.
            ProviderUnreachableError: nothing is known of the code.
        """
        tokens = await self._ask(
            grant_type="authorization_code", code=code, redirect_uri=self.callback, code_verifier=verifier
        )
        claims = await self._own_claims(tokens.id_token or "", "exp", "sub")
        if claims.get("nonce") != nonce:
            raise SignInRefusedError("nonce")
        signed_in_at = claims.get("auth_time")
        known = isinstance(signed_in_at, int) and not isinstance(signed_in_at, bool)
        return tokens, Identity(str(claims["sub"]), _session_of(claims), signed_in_at if known else None)

    async def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; SignInRefusedError where the session has ended at the provider."""
        return await self._ask(grant_type="refresh_token", refresh_token=refresh_token)

    async def end_address(self, id_token: str | None) -> str | None:
        """Return where a browser ends the provider's own session; None where the provider has no such address."""
        endpoint = (await self._published()).end_session_endpoint
        if endpoint is None:
            return None
        fields = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self._settings.public_url}/signed-out",
        } | ({"id_token_hint": id_token} if id_token else {})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"

    async def logged_out(self, logout_token: str) -> tuple[str | None, str | None]:
        """Return subject and session that a log-out token (OpenID Connect Back-Channel Logout 1.0) ends.

        Raises:
            SignInRefusedError: it is no such token, is old, or is not for this client.
        """
        claims = await self._own_claims(logout_token, "iat", "jti")
        events = claims.get("events")
        if (
            # A log-out token has no nonce (Back-Channel Logout, 2.4), so no identity token can be sent in its place.
            "nonce" in claims
            or not isinstance(events, dict)
            or not isinstance(events.get(_LOGOUT_EVENT), dict)
        ):
            raise SignInRefusedError("logout_token")
        if self._now() - claims["iat"] > _LOGOUT_AGE_SECONDS:
            raise SignInRefusedError("logout_token_old")
        subject, session = claims.get("sub"), _session_of(claims)
        if subject is None and session is None:
            raise SignInRefusedError("logout_token")
        return None if subject is None else str(subject), session

    async def _own_claims(self, token: str, *needed: str) -> dict[str, Any]:
        """Return the claims of a token that the provider signed for this client."""
        configuration = await self._published()
        keys = self._keys or PublishedKeys(configuration.jwks_uri, client=self._client)
        self._keys = keys
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": configuration.issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            iat={"essential": True},
        )
        try:
            claims = await keys.verified(token)
            registry.validate(claims)
            if any(name not in claims for name in needed):
                raise SignInRefusedError("claims")
        except IssuerUnreachableError as away:
            raise ProviderUnreachableError(str(away)) from None
        except (JoseError, ValueError) as refused:
            raise SignInRefusedError(type(refused).__name__) from None
        # Issued for several, it must have been given to us and not to another of them.
        if claims.get("azp", self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise SignInRefusedError("azp")
        return claims

    async def _ask(self, **fields: str) -> Tokens:
        secret, name = self._settings.oidc_client_secret, self._settings.oidc_client_id
        auth = httpx.BasicAuth(name, secret.get_secret_value()) if secret else httpx.USE_CLIENT_DEFAULT
        endpoint = (await self._published()).token_endpoint
        try:
            answer = await self._client.post(
                endpoint, data={"client_id": name, **fields}, auth=auth, timeout=_ASK_SECONDS
            )
        except httpx.HTTPError as failed:
            raise ProviderUnreachableError(type(failed).__name__) from None
        # Too many requests say nothing of the token: as a refusal they would end sessions that are good.
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ProviderUnreachableError(str(answer.status_code))
        if not answer.is_success:
            raise SignInRefusedError(str(answer.status_code))
        return _read(Tokens, answer)

    async def _published(self) -> Configuration:
        if self._configuration is None:
            address = f"{self._settings.oidc_issuer}/.well-known/openid-configuration"
            try:
                answer = await self._client.get(address, timeout=_ASK_SECONDS)
                answer.raise_for_status()
            except httpx.HTTPError as failed:
                raise ProviderUnreachableError(type(failed).__name__) from None
            found = _read(Configuration, answer)
            # Whoever could answer for another issuer could sign everybody in (OpenID Connect Discovery, 4.3).
            if found.issuer.rstrip("/") != self._settings.oidc_issuer:
                raise ProviderUnreachableError("issuer")
            self._configuration = found
        return self._configuration


def _read(kind: type[Found], answer: httpx.Response) -> Found:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:
        # Without the cause: its text quotes the answer, and that may be a token.
        raise ProviderUnreachableError("answer") from None


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _session_of(claims: Mapping[str, Any]) -> str | None:
    found = claims.get("sid")
    return found if isinstance(found, str) and found else None
