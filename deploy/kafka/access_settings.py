"""What `python -m deploy.kafka.access apply` reads from the environment."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import SERVICES

ServiceName = Literal["registry", "treatment", "incidents", "reporting"]
PrincipalName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,62}$")]


class UnitClient(BaseModel):
    """The software of a reporting unit: which services it hands in to. With none it has no right at all.

    To lock one out, its list is emptied; a name that is left out is not looked at any more.
    """

    password: SecretStr
    services: list[ServiceName]


class AccessSettings(BaseSettings):
    """Where the broker is, as whom to change it, and the passwords to be set (environment, ``KHOPSO_KAFKA_…``)."""

    model_config = SettingsConfigDict(
        env_prefix="KHOPSO_KAFKA_", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    bootstrap: str
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: FilePath | None = None
    passwords: dict[ServiceName, SecretStr] = Field(min_length=len(SERVICES))
    units: dict[PrincipalName, UnitClient] = {}

    @field_validator("units")
    @classmethod
    def _no_service(cls, value: dict[str, UnitClient]) -> dict[str, UnitClient]:
        # Under the name of a service a unit would have the service's rights; under one that begins with it and a dash, those
        # to the service's consumer groups, in which it could take partitions that nobody would read then.
        if any(f"{name}-".startswith(f"{service}-") for name in value for service in SERVICES):
            raise ValueError(
                "a unit's software may not have the name of a service, nor one that begins with it"
            )
        return value

    def credentials(self) -> dict[str, str]:
        """Return the password of every principal."""
        services = {str(name): secret.get_secret_value() for name, secret in self.passwords.items()}
        return services | {name: unit.password.get_secret_value() for name, unit in self.units.items()}

    def hand_ins(self) -> dict[str, list[ServiceName]]:
        """Return the services that each unit's software hands in to, by its name."""
        return {name: unit.services for name, unit in self.units.items()}
