"""Settings of treatment: those of every service."""

from services.chassis.runtime import ServiceSettings


class TreatmentSettings(ServiceSettings):
    """Environment of the treatment processes; nothing beyond what the chassis reads."""

    service: str = "treatment"
