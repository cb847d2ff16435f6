"""The hash-chained audit of reads."""

from services.chassis.audit.recording import PURPOSE, Audited, cleaned, instant, listed
from services.chassis.audit.tables import CHAINS

__all__ = [
    "CHAINS",
    "PURPOSE",
    "Audited",
    "cleaned",
    "instant",
    "listed",
]
