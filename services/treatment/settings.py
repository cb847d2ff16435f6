"""Settings of treatment: those of every service, and the linkage secret."""

from pydantic import SecretStr

from services.chassis.runtime import ServiceSettings


class TreatmentSettings(ServiceSettings):
    """Environment of the treatment processes; beyond what every service reads, the secret under which persons are linked."""

    service: str = "treatment"
    linkage_secret: SecretStr
