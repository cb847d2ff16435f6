"""The hashing process, a role of registry: the one place of the linkage secret (ADR 27)."""

from services.registry.hashing.app import create_hashing_app
from services.registry.hashing.process import main
from services.registry.hashing.settings import HashingSettings

__all__ = ["HashingSettings", "create_hashing_app", "main"]
