"""Settings of treatment: those of every service, and how it reaches the hashing process."""

from pydantic import Field, SecretStr

from services.chassis.runtime import ServiceSettings


class TreatmentSettings(ServiceSettings):
    """Environment of the treatment processes; beyond what every service reads, where persons are hashed and with which key."""

    service: str = "treatment"
    hashing_url: str = Field(pattern=r"^https?://")
    hashing_key: SecretStr
