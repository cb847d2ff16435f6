"""Settings of the gateway: where people sign in, where it is reached, and where the services are."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.chassis.runtime import Seconds, StoringSettings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
SERVICES = ("registry", "treatment", "incidents", "reporting")
"""The services that serve pages, each below ``/<name>/``."""


class GatewaySettings(StoringSettings):
    """Environment of the gateway.

    ``public_url`` is the address in people's browsers, without a path; ``oidc_issuer`` that of the OpenID Connect
    provider, which knows the gateway as ``oidc_client_id``, with a secret or (a public client) without one. Tokens are
    checked as every service checks them (``jwks_url``, ``token_issuer``, ``token_audience``). ``sign_in_anew``: a session
    that goes on at the provider signs nobody in, since on a shared machine it may be that of somebody who has left.
    """

    service: str = "gateway"

    public_url: str
    oidc_issuer: str
    oidc_client_id: str = Field(min_length=1)
    oidc_client_secret: SecretStr | None = None
    oidc_scope: str = Field(default="openid", pattern=r"^openid( [!-~]+)*$")

    registry_url: str = Field(pattern=r"^https?://[^/]+$")
    treatment_url: str = Field(pattern=r"^https?://[^/]+$")
    incidents_url: str = Field(pattern=r"^https?://[^/]+$")
    reporting_url: str = Field(pattern=r"^https?://[^/]+$")

    sign_in_anew: bool = True
    session_idle_seconds: Seconds = 1_200
    session_seconds: Seconds = 43_200
    forward_seconds: Seconds = 60
    pin_seconds: Seconds = 120  # how fresh a sign-in must be to set a PIN

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _encrypted_outside_this_machine(cls, value: str) -> str:
        # The cookie and the tokens would otherwise cross the network in the clear.
        parts = urlsplit(value)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not plain and not (parts.scheme == "https" and parts.hostname):
            raise ValueError("must start with https://, or with http:// on the loopback address")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.path or parts.query or parts.username:
            raise ValueError("must be an address without a path")
        return value

    @model_validator(mode="after")
    def _idle_within_the_whole(self) -> Self:
        if self.session_idle_seconds > self.session_seconds:
            raise ValueError("session_idle_seconds must not be more than session_seconds")
        return self

    @property
    def secure(self) -> bool:
        """Return whether browsers reach it by https."""
        return self.public_url.startswith("https://")

    def url_of(self, service: str) -> str:
        """Return the address of a service."""
        urls = {
            "registry": self.registry_url,
            "treatment": self.treatment_url,
            "incidents": self.incidents_url,
            "reporting": self.reporting_url,
        }
        return urls[service]
