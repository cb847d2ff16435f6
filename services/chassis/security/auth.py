"""Authentication: bearer tokens (JWT) verified with the issuer's published keys. What a caller may do: `authority`."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeGuard, get_args

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from services.chassis.runtime import StoringSettings
from services.chassis.security.published_keys import PublishedKeys
from services.chassis.security.revocations import Revocations

Role = Literal["clerk", "official", "analyst", "admin", "operator"]
_OTHER_NAMES = {"administrator": "admin"}
"""Issuers may call the role as the authority table does."""
TOKEN_ID_LETTERS, TOKEN_ID_LENGTH = "[A-Za-z0-9._:~+/=-]", 128
"""What a token's id (``jti``) may be: whatever a revocation can name."""
_TOKEN_ID = re.compile(f"{TOKEN_ID_LETTERS}{{1,{TOKEN_ID_LENGTH}}}")
_WRITTEN_DOWN = ("sub", "unit", "area", "jti")

# The clocks of issuer and service differ a little. Every second more lets each ended token live on.
_LEEWAY_SECONDS = 10
MAX_LIFETIME_SECONDS = 28_800.0
"""A working day: a token that was lost is worth nothing the day after."""


class NotAuthenticatedError(Exception):
    """There is no token, or it is not valid. ``rule`` names the message for the caller."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller by its token. ``unit`` is its reporting unit's code, ``area`` the code of that unit's area.

    Rights follow from the unit and the role alone; what the unit is and where it lies, the units register says.
    ``signed_in_at`` is when the person last proved who it is (``auth_time``, seconds since 1970), None where the issuer
    does not say.
    """

    unit: str
    area: str
    role: Role
    subject: str
    signed_in_at: int | None = field(default=None, compare=False)

    @property
    def is_admin(self) -> bool:
        """Return whether the caller is an administrator, which gives no right to rows of any register."""
        return self.role == "admin"


class TokenVerifier:
    """Checks signature, issuer, audience and times of tokens; keeps the issuer's keys, refreshed on an unknown one."""

    def __init__(
        self,
        jwks_url: str,
        issuer: str,
        audience: str,
        *,
        cache_seconds: float = 300,
        max_lifetime_seconds: float = MAX_LIFETIME_SECONDS,
        client: httpx.AsyncClient | None = None,
        revocations: Revocations | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = PublishedKeys(jwks_url, cache_seconds=cache_seconds, client=client, now=now)
        self._max_lifetime = max_lifetime_seconds
        self._revocations = revocations
        self._now = now
        self._issuer, self._audience = issuer, audience

    @classmethod
    def of(cls, settings: StoringSettings, revocations: Revocations | None = None) -> "TokenVerifier":
        """Return the verifier that the settings describe; ``revocations`` knows the revoked tokens."""
        return cls(
            settings.jwks_url,
            settings.token_issuer,
            settings.token_audience,
            cache_seconds=settings.jwks_cache_seconds,
            max_lifetime_seconds=settings.token_max_lifetime_seconds,
            revocations=revocations,
        )

    async def verify(self, token: str, at: datetime | None = None) -> Principal:
        """Return the caller that the token names; raise NotAuthenticatedError or IssuerUnreachableError.

        ``at`` is the moment at which the token must be valid, now by default.
        """
        claims = await self._verified(token, at)
        # Only what is signed may make us look anything up.
        if self._revocations is not None and await self._revocations.is_revoked(str(claims["jti"])):
            raise NotAuthenticatedError("token_revoked")
        return principal_of(claims)

    async def close(self) -> None:
        """Close the HTTP client, where one was made."""
        await self._keys.close()

    def _claims(self, at: datetime | None) -> jwt.JWTClaimsRegistry:
        moment = int(self._now() if at is None else at.timestamp())
        return jwt.JWTClaimsRegistry(
            now=moment,
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            iat={"essential": True},
            # A token without an id could not be revoked.
            jti={"essential": True},
            sub={"essential": True},
        )

    async def _verified(self, token: str, at: datetime | None) -> dict[str, Any]:
        try:
            claims = await self._keys.verified(token)
            self._claims(at).validate(claims)
        except InvalidKeyIdError:
            raise NotAuthenticatedError("token_key") from None
        except JoseError as refused:
            raise NotAuthenticatedError(_rule(refused)) from None
        except ValueError:
            raise NotAuthenticatedError("token_invalid") from None
        if claims["exp"] - claims["iat"] > self._max_lifetime:
            raise NotAuthenticatedError("token_lifetime")
        return claims


def principal_of(claims: dict[str, Any]) -> Principal:
    """Return the caller that verified claims describe; NotAuthenticatedError where one is missing or has no valid value."""
    unit, area = claims.get("unit"), claims.get("area", "")
    named = claims.get("role")
    role = _OTHER_NAMES.get(named, named) if isinstance(named, str) else named
    if not isinstance(unit, str) or not unit or not isinstance(area, str) or not _is_role(role):
        raise NotAuthenticatedError("token_claims")
    # They go into the audit and its chain: control characters, marks of direction and lone surrogates cannot.
    if not all(str(claims.get(name, "")).isprintable() for name in _WRITTEN_DOWN):
        raise NotAuthenticatedError("token_claims")
    # What could not be named in a revocation could not be revoked.
    if "jti" in claims and not _TOKEN_ID.fullmatch(str(claims["jti"])):
        raise NotAuthenticatedError("token_claims")
    signed_in_at = claims.get("auth_time")
    # JSON's true is a bool, and in Python that is an int.
    if signed_in_at is not None and (isinstance(signed_in_at, bool) or not isinstance(signed_in_at, int)):
        raise NotAuthenticatedError("token_claims")
    return Principal(unit=unit, area=area, role=role, subject=str(claims["sub"]), signed_in_at=signed_in_at)


def _is_role(value: object) -> TypeGuard[Role]:
    return value in get_args(Role)


def _rule(refused: JoseError) -> str:
    name = getattr(refused, "error", "")
    if name == "expired_token":
        return "token_expired"
    if name in ("missing_claim", "invalid_claim"):
        return "token_claims"
    return "token_invalid"
