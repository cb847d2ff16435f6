"""`ledger`: which units have handed in which registers for a period, which are late and which are missing."""

from typing import Annotated, Any

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import (
    Acting,
    Area,
    AsJson,
    Calendar,
    DataDir,
    KnownAt,
    Period,
    clerk_of,
    filled,
    moment,
    need_period,
)
from khopso.console import Console
from khopso.language import brief, help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown, period_shown, shown
from texts import Message

_PATIENCE_SECONDS = 5.0
_OPEN = ("late", "missing")
_STATES = ("expected", "received", "late", "missing", "awaited", "declared", "nil")


def ledger(
    calendar: Calendar = None,
    period: Period = None,
    area: Area = None,
    unit: Annotated[str | None, typer.Option("--unit", help=help_of("cli.ledger.unit"))] = None,
    form: Annotated[str | None, typer.Option("--form", help=help_of("cli.ledger.form"))] = None,
    late: Annotated[bool, typer.Option("--late", help=help_of("cli.ledger.late"))] = False,
    known_at: KnownAt = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show who has handed in for a period."""
    need_period(calendar, period)
    console = Console(as_json)
    asked = {"calendar": calendar, "period": period, "area": area, "unit": unit, "form": form}
    asked["known_at"] = moment("--known-at", known_at)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        found = api.get("reporting", "/v1/ledger", filled(asked), patience_seconds=_PATIENCE_SECONDS)
    if late and found["entries"] is not None:
        found["entries"] = [entry for entry in found["entries"] if entry["state"] in _OPEN]
    console.result(found, lambda: _show(console, found))


def _show(console: Console, found: dict[str, Any]) -> None:
    console.line(
        f"{period_shown(found['period'], found['calendar'])}, {day_shown(found['from'])} – {day_shown(found['to'])}, "
        f"{moment_shown(found['known_at'])}",
        "bold",
    )
    headings = [(spoken("ledger.form"), "left"), *((spoken(f"ledger.{state}"), "right") for state in _STATES)]
    console.table(
        headings,
        [[_form(one["form"]), *(shown(one[state]) for state in _STATES)] for one in found["forms"]],
    )
    if found["entries"]:
        _show_entries(console, found["entries"])


def _show_entries(console: Console, entries: list[dict[str, Any]]) -> None:
    headings = [
        (spoken("ledger.unit"), "left"),
        (spoken("ledger.form"), "left"),
        (spoken("ledger.state"), "left"),
        (spoken("ledger.due"), "left"),
        (spoken("ledger.last_arrival"), "left"),
        (spoken("ledger.late_days"), "right"),
        (spoken("ledger.records"), "right"),
        (spoken("ledger.declared"), "left"),
    ]
    rows = [
        [
            entry["unit"],
            _form(entry["form"]),
            spoken(f"ledger.{entry['state']}"),
            day_shown(entry["due"]),
            day_shown(entry["last_arrival"]),
            shown(entry["late_days"]) if entry["late_days"] else "",
            "" if entry["records"] is None else shown(entry["records"]),
            _declared(entry),
        ]
        for entry in entries
    ]
    console.table(headings, rows)


def _declared(entry: dict[str, Any]) -> str:
    """Return what the unit states of the register, when that was received, and that records speak against it."""
    said = []
    if entry["declared"] is not None:
        says, received = spoken(f"ledger.{entry['declared']}"), day_shown(entry["declared_on"])
        said.append(spoken("ledger.declared_received", says=says, day=received))
    if entry["declared_written_on"] is not None:
        said.append(spoken("ledger.declared_written", day=day_shown(entry["declared_written_on"])))
    if entry["contradicted"]:
        said.append(spoken("ledger.contradicted"))
    return "; ".join(said)


def _form(name: str) -> str:
    return brief(Message(FORMS[name].vi, FORMS[name].en))
