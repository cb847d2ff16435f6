"""Settings of reporting: those of every service."""

from services.chassis.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """Environment of the reporting processes; nothing beyond what the chassis reads."""

    service: str = "reporting"
