"""Settings of incidents: those of every service, and the linkage secret."""

from pydantic import SecretStr

from services.chassis.runtime import ServiceSettings


class IncidentsSettings(ServiceSettings):
    """Environment of the incidents processes; beyond what every service reads, the secret under which persons are linked."""

    service: str = "incidents"
    linkage_secret: SecretStr
