"""Settings of registry: those of every service, and how it reaches the hashing process."""

from pydantic import Field, SecretStr

from services.chassis.runtime import ServiceSettings


class RegistrySettings(ServiceSettings):
    """Environment of the registry processes; beyond what every service reads, where persons are hashed and with which key."""

    service: str = "registry"
    hashing_url: str = Field(pattern=r"^https?://")
    hashing_key: SecretStr
