"""Settings of incidents: those of every service."""

from services.chassis.settings import ServiceSettings


class IncidentsSettings(ServiceSettings):
    """Environment of the incidents processes; nothing beyond what the chassis reads."""

    service: str = "incidents"
