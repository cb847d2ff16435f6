"""Settings of registry: those of every service."""

from services.chassis.runtime import ServiceSettings


class RegistrySettings(ServiceSettings):
    """Environment of the registry processes; nothing beyond what the chassis reads."""

    service: str = "registry"
