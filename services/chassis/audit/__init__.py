"""The hash-chained audit of reads."""

from services.chassis.audit.looks import (
    Reading,
    looks_at,
    note_looks,
    question,
    questions,
    unit_looked_at,
)
from services.chassis.audit.recording import Audited, cleaned, instant, listed
from services.chassis.audit.tables import CHAINS

__all__ = [
    "CHAINS",
    "Audited",
    "Reading",
    "cleaned",
    "instant",
    "listed",
    "looks_at",
    "note_looks",
    "question",
    "questions",
    "unit_looked_at",
]
