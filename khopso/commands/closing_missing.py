"""Before a period is closed: show which registers are missing, and ask who decides to close without them."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import filled
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, spoken
from khopso.words import shown
from texts import Message

_LACKING = ("missing", "late", "awaited")
_MISSING = ("missing", "awaited")


def accepted(
    api: Api, console: Console, order: Mapping[str, Any], reason: str | None
) -> dict[str, str] | None:
    """Return the decision to close without what is missing: by whom and why; None where nothing is.

    ``reason`` is that of ``--accept-missing``, which needs ``--name``. Without it a terminal is asked.

    Raises:
        FailureError: registers are missing and nobody accepts it (exit 1), or the person is not named (exit 2).
    """
    asked = {name: order[name] for name in ("calendar", "period", "area", "known_at")}
    forms = {one["form"]: one for one in api.get("reporting", "/v1/ledger", filled(asked))["forms"]}
    # Of a form with few units whoever only counts is told nothing but how many there are.
    if not any(one[state] for one in forms.values() for state in _MISSING):
        return None
    lines = tuple(lacking(forms))
    name = order["name"]
    if reason is None:
        if console.as_json or not sys.stdin.isatty():
            raise FailureError(Exit.REFUSED, "closing_missing", details=lines)
        for line in lines:
            console.line(line, "yellow")
        if not typer.confirm(spoken("closing.accept_question")):
            raise FailureError(Exit.REFUSED, "closing_missing", details=lines)
        reason = str(typer.prompt(spoken("closing.accept_reason")))
        name = name or str(typer.prompt(spoken("closing.accept_name")))
    if not name:
        raise FailureError(Exit.WRONG_USE, "closing_name_needed")
    return {"name": name, "reason": reason}


def lacking(forms: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each register of which something is missing, late, awaited or not declared complete."""
    for form, states in forms.items():
        found = {state: states[state] for state in _LACKING if states.get(state)}
        undeclared = states["expected"] - states["declared"] if states.get("declared") is not None else 0
        said = [f"{spoken(f'ledger.{state}')} {shown(count)}" for state, count in found.items()]
        if undeclared:
            said.append(f"{spoken('closing.undeclared')} {shown(undeclared)}")
        if said:
            yield f"{brief(Message(FORMS[form].vi, FORMS[form].en))}: {', '.join(said)}"
