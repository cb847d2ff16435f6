"""Which facilities and clinicians there are on a day: read by determinations and by the scope of units."""

from services.treatment.directory import repository
from services.treatment.directory.domain import Directory

__all__ = [
    "Directory",
    "repository",
]
