"""Settings of reporting: those of every service, and the office's key."""

from pydantic import Field, SecretStr, field_validator

from proof import parse_signing_key
from services.chassis.runtime import ServiceSettings


class ReportingSettings(ServiceSettings):
    """Environment of the reporting processes.

    ``signing_key`` is the office's Ed25519 private key (PKCS#8 PEM, or its body on one line); without it nothing can be
    closed. ``signing_key_id`` names it in what it signs: a new key gets a new name. ``closing_wait_seconds`` is how long
    a closing waits for the figures to be up to date before it is refused. ``rebuild_patience_seconds`` is how long a
    rebuild that is at the end of the logs waits for events that only the old generation has, before it takes them from it.
    """

    service: str = "reporting"
    signing_key: SecretStr | None = None
    signing_key_id: str = Field(default="office-1", min_length=1, max_length=64)
    closing_wait_seconds: float = Field(default=15, gt=0, le=300)
    rebuild_patience_seconds: float = Field(default=30, gt=0, le=86_400)

    @field_validator("hashing_key")
    @classmethod
    def _links_nobody(cls, value: SecretStr | None) -> SecretStr | None:
        # Whoever may ask for hashes can look up who is in the events: nobody may who has no use for it.
        if value is not None:
            raise ValueError("reporting links nobody: take the key out of its environment")
        return value

    @field_validator("signing_key")
    @classmethod
    def _ed25519(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_signing_key(value)
        return value
