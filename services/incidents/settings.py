"""Settings of incidents: those of every service."""

from services.chassis.runtime import ServiceSettings


class IncidentsSettings(ServiceSettings):
    """Environment of the incidents processes; nothing beyond what the chassis reads."""

    service: str = "incidents"
