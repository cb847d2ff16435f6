"""What the forms of the desk are sent with: who closes, why, and who accepts that registers are missing."""

from collections.abc import Mapping
from typing import Any

from services.chassis.problems import Fault, Problem
from services.chassis.security import guards_of
from services.chassis.web import ErrorSummary, FieldFault, SentForm
from services.reporting.closing import Acceptance
from services.reporting.figures import Reader
from texts import Message, joined, message

CLOSING = ("name", "note", "accept_name", "accept_reason")
REISSUE = ("name", "note")
_LONGEST = {"name": 200, "note": 1_000, "accept_name": 200, "accept_reason": 1_000}
_CHOSEN = ("period", "figures", "known_at", "file")
_MISSING = "registers."


def must_prove(reader: Reader, action: str) -> bool:
    """Return whether the reader will be asked to sign in again for what he does here, as the authority table has it."""
    return "step_up" in guards_of(action, reader.today) and "step_up" not in reader.met


def typed_in(sent: SentForm | None, names: tuple[str, ...]) -> dict[str, str]:
    """Return what was typed into these fields; nothing where no form was sent."""
    return {name: "" if sent is None else sent.one(name).strip() for name in names}


def read_typed(sent: SentForm, names: tuple[str, ...], *needed: str) -> dict[str, str]:
    """Return what was typed.

    Raises:
        Problem: 422 for what is too long, without the official's name or what else is ``needed``, and for a decision to
            close without registers that has no name or no reason.
    """
    typed = typed_in(sent, names)
    faults = [
        Fault.of(name, None, "too_long", limit=_LONGEST[name])
        for name in names
        if len(typed[name]) > _LONGEST[name]
    ]
    halves = {"accept_name", "accept_reason"} & set(names)
    lacking = {"name", *needed} | (halves if any(typed[half] for half in halves) else set())
    faults += [Fault.of(name, None, _NEEDED[name]) for name in names if name in lacking and not typed[name]]
    if faults:
        raise Problem.invalid(faults)
    return typed


_NEEDED = {
    "name": "page.closing.name_needed",
    "note": "page.closing.reason_needed",
    "accept_name": "page.closing.accept_name_needed",
    "accept_reason": "page.closing.accept_reason_needed",
}


def ordered(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the rest of an order: the official's name, a note, and who accepts what is missing."""
    accepted = None
    if typed["accept_name"]:
        accepted = Acceptance(typed["accept_name"], typed["accept_reason"])
    return {"name": typed["name"], "note": typed["note"] or None, "accepted": accepted}


def is_same(closing: Mapping[str, Any], subject: str, typed: Mapping[str, str]) -> bool:
    """Return whether a closing is what this person ordered with these words, as after a double click or the back button."""
    accepted = closing.get("accepted_missing") or {"name": "", "reason": ""}
    said = {"accept_name": accepted["name"], "accept_reason": accepted["reason"]}
    made = {"name": closing["official"]["name"], "note": closing["note"] or ""} | said
    official: str = closing["official"]["subject"]
    # What was accepted stands in the closing only where something was missing.
    compared = [name for name in typed if name not in said or "accepted_missing" in closing]
    return official == subject and all(made[name] == typed[name] for name in compared)


def said(problem: Problem) -> Message:
    """Return what a problem says: its faults, or what it is called where it has none."""
    return joined([fault.message for fault in problem.faults], "; ") if problem.faults else problem.title


def refused(problem: Problem | None) -> Message | None:
    """Return why nothing was done where that is about no field of the form; None where `errors_of` says it."""
    if problem is None or problem.faults:
        return None
    return message(_ON_A_PAGE[problem.rule]) if problem.rule in _ON_A_PAGE else problem.title


_ON_A_PAGE = {
    "closing_exists": "page.closing.exists",
    "closing_superseded": "page.closing.superseded",
    "closing_behind": "page.closing.behind",
    "closing_unkept": "page.closing.behind",
}
"""What says on the interface which command or parameter to use, in words of the page."""


def errors_of(problem: Problem | None) -> ErrorSummary | None:
    """Return why nothing was done, at its fields; registers that are missing stand where somebody accepts that."""
    if problem is None or not problem.faults:
        return None
    faults = [FieldFault(field=_field_of(fault.field), text=fault.message) for fault in problem.faults]
    if problem.rule == "closing_unaccepted":
        faults.insert(0, FieldFault(field="accept_name", text=message("page.closing.unaccepted")))
    return ErrorSummary(faults=tuple(faults))


def _field_of(field: str) -> str:
    if field.startswith(_MISSING):
        return "accept_reason"
    return field if field in (*CLOSING, *_CHOSEN) else "name"
