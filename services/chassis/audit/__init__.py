"""The hash-chained audit of reads."""

from services.chassis.audit.recording import Audited, instant, listed
from services.chassis.audit.tables import CHAINS

__all__ = [
    "CHAINS",
    "Audited",
    "instant",
    "listed",
]
