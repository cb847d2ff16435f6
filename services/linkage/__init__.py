"""Normalised identity, linkage keys and the rules by which records are one person. Pure."""

from services.linkage.keys import LinkageKeys, normalise_name, normalise_national_id

__all__ = [
    "LinkageKeys",
    "normalise_name",
    "normalise_national_id",
]
