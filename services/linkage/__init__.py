"""Normalised identity, linkage keys and the rules by which records are one person. Pure."""

from services.linkage.certain import join_certain
from services.linkage.groups import Groups
from services.linkage.keys import LinkageKeys
from services.linkage.normalisation import national_id_kind, normalise_name, normalise_national_id

__all__ = [
    "Groups",
    "LinkageKeys",
    "join_certain",
    "national_id_kind",
    "normalise_name",
    "normalise_national_id",
]
