"""The register of users and addicts: rows of a person's timeline, kept and published."""

from services.registry.timeline.form import register
from services.registry.timeline.repository import prepare

__all__ = ["prepare", "register"]
