"""Settings of treatment: those of every service."""

from services.chassis.runtime.settings import ServiceSettings


class TreatmentSettings(ServiceSettings):
    """Environment of the treatment processes; nothing beyond what the chassis reads."""

    service: str = "treatment"
