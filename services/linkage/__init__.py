"""Normalised identity, linkage keys and the rules by which records are one person. Pure."""

from services.linkage.certain import join_certain
from services.linkage.groups import Groups
from services.linkage.keys import KINDS, LinkageSecret, Message, messages_of
from services.linkage.normalisation import national_id_kind, normalise_name, normalise_national_id

__all__ = [
    "KINDS",
    "Groups",
    "LinkageSecret",
    "Message",
    "join_certain",
    "messages_of",
    "national_id_kind",
    "normalise_name",
    "normalise_national_id",
]
