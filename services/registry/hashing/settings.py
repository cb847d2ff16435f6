"""Settings of the hashing process: the only one that reads the linkage secret."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from services.chassis.runtime import ProcessSettings, long_enough

Secret = Annotated[SecretStr, AfterValidator(long_enough)]
_KEYS = TypeAdapter(dict[str, Secret])


class HashingSettings(ProcessSettings):
    """Environment of the hashing process. It has no database and no broker.

    ``hashing_keys`` names who may ask, each with a key of its own: ``{"treatment": "at least 32 bytes", …}``.
    ``hashing_daily_limit`` is how many hashes each of them gets a day; a whole day's number may come at once, since a
    province's first import is large.

    ``linkage_epoch`` numbers the secrets that the province has had: that of ``linkage_secret``, from 1. While
    ``linkage_secret_next`` is set, the secret is being rotated: nothing is hashed, and messages are answered with their
    hashes under both, up to ``hashing_renewals_limit`` a day for each caller.
    """

    service: str = "hashing"
    linkage_secret: Secret
    hashing_keys: SecretStr
    hashing_daily_limit: int = Field(default=2_000_000, ge=1)
    linkage_epoch: int = Field(default=1, ge=1)
    linkage_secret_next: Secret | None = None
    hashing_renewals_limit: int = Field(default=50_000_000, ge=1)

    @field_validator("linkage_secret_next", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        # Compose files set a variable that is not in the environment to nothing.
        return value or None

    @model_validator(mode="after")
    def _another_secret(self) -> Self:
        if self.linkage_secret_next == self.linkage_secret:
            raise ValueError("linkage_secret_next is the secret that it has to replace")
        return self

    @field_validator("hashing_keys")
    @classmethod
    def _keys_of_callers(cls, value: SecretStr) -> SecretStr:
        keys = parse_hashing_keys(value)
        if len(set(keys.values())) < len(keys):
            raise ValueError("two callers have the same key")
        return value


def parse_hashing_keys(value: SecretStr) -> dict[str, str]:
    """Return the key of each caller; ValueError that shows no key."""
    try:
        keys = _KEYS.validate_json(value.get_secret_value())
    except ValidationError:
        # Without the cause: its text quotes the input.
        raise ValueError('must be JSON: {"service": "key of at least 32 bytes", …}') from None
    return {name: key.get_secret_value() for name, key in keys.items()}
