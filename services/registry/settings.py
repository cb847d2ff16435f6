"""Settings of registry: those of every service, and the linkage secret."""

from pydantic import SecretStr

from services.chassis.runtime import ServiceSettings


class RegistrySettings(ServiceSettings):
    """Environment of the registry processes; beyond what every service reads, the secret under which persons are linked."""

    service: str = "registry"
    linkage_secret: SecretStr
