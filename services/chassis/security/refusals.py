"""A refusal in words: which right is missing, and who can hold it. Nothing of any record is in it."""

from contracts.forms import FORMS
from reference import unit_kinds
from services.chassis.security.authority import EXACT, HAND_IN, READ, Refused
from services.chassis.security.rights import ANY
from texts import Message, joined, message

RIGHTS = (
    HAND_IN,
    READ,
    "close",
    "reissue",
    "publish",
    "decide_link",
    "undo_link",
    "match_list",
    "reconcile",
    "check",
    "mark_line",
    "read_report",
    "read_report_draft",
    "compose_report",
    "submit_report",
    "approve_report",
    "export_identities",
    "export_list",
    "see_audit",
    "show_dead_letter",
    "unmask_dead_letter",
    "retry_dead_letter",
    "discard_dead_letter",
    "erase_dead_letter",
    "resume_consumer",
    "see_consumers",
    "see_progress",
    "republish",
    "rebuild",
    "see_statements",
    "see_looks",
    "state_hand_ins",
    "see_hand_ins",
    "count_hand_ins",
    "revoke_token",
    "rotate_keys",
    "change_authority",
    "change_calendars",
    "change_thresholds",
    "change_rule_sets",
    EXACT,
)
"""Every right that has a name (``right.…`` in the catalogue)."""
ROLES = ("clerk", "official", "analyst", "administrator", "operator")
AGENCIES = ("police", "health", "labour", "committee")


def missing(refused: Refused) -> dict[str, Message]:
    """Return the parts ``right`` and ``holders`` of a refusal's text, in both languages."""
    return {"right": _right(refused.right), "holders": _holders(refused)}


def _right(name: str) -> Message:
    what, _, form = name.partition(":")
    if what not in (HAND_IN, READ):
        return message(f"right.{what}")
    # Of a form that there is not, nothing is repeated: its name is the caller's free text.
    known = FORMS.get(form)
    named = Message(known.vi, known.en) if known is not None else Message("…", "…")
    return message(f"right.{what}", form=named)


def _holders(refused: Refused) -> Message:
    kinds = [_kind(kind) for kind in refused.kinds] or [message("holder.any")]
    roles = [message(f"role.{role}") for role in refused.roles]
    separator = message("holder.or")
    return message("holder.list", kinds=joined(kinds, separator), roles=joined(roles, separator))


def _kind(kind: str) -> Message:
    if kind == ANY:
        return message("holder.any")
    if kind in AGENCIES:
        return message(f"holder.agency.{kind}")
    row = next(found for found in unit_kinds() if found.kind == kind)
    level = message("holder.level") if row.level is None else message(f"holder.level.{row.level}")
    return Message(row.vi.format(area=level.vi), row.en)
