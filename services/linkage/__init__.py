"""Normalised identity, linkage keys and the rules by which records are one person. Pure."""

from services.linkage.certain import Number, join_certain
from services.linkage.groups import Groups
from services.linkage.keys import KINDS, LinkageSecret, Message, messages_of
from services.linkage.normalisation import fold_name, national_id_kind, normalise_name, normalise_national_id
from services.linkage.numbers import (
    REASONS,
    Joining,
    Reason,
    Said,
    SaidCounts,
    contradict,
    contradicts_record,
    doubted,
    joined_by,
    may_wait,
    part_of,
)

__all__ = [
    "KINDS",
    "REASONS",
    "Groups",
    "Joining",
    "LinkageSecret",
    "Message",
    "Number",
    "Reason",
    "Said",
    "SaidCounts",
    "contradict",
    "contradicts_record",
    "doubted",
    "fold_name",
    "join_certain",
    "joined_by",
    "may_wait",
    "messages_of",
    "national_id_kind",
    "normalise_name",
    "normalise_national_id",
    "part_of",
]
