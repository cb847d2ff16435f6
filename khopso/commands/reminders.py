"""`reminders`: of which registers a unit was reminded."""

from typing import Annotated, Any

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, clerk_of
from khopso.console import Console
from khopso.language import brief, help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown, shown
from texts import Message

_PATIENCE_SECONDS = 5.0


def reminders(
    unit: Annotated[str | None, typer.Option("--unit", help=help_of("cli.reminders.unit"))] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show of which registers a unit was reminded."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        found = api.get("reporting", "/v1/reminders", patience_seconds=_PATIENCE_SECONDS)
    console.result(found, lambda: _show(console, found["reminders"]))


def _show(console: Console, told: list[dict[str, Any]]) -> None:
    if not told:
        console.line(f"({spoken('cli.none')})")
        return
    headings = [
        (spoken("reminder.kind"), "left"),
        (spoken("ledger.form"), "left"),
        ("", "left"),
        (spoken("ledger.due"), "left"),
        (spoken("reminder.days"), "right"),
        (spoken("reminder.told_at"), "left"),
    ]
    rows = [
        [
            spoken(f"reminder.{one['kind']}"),
            brief(Message(FORMS[one["form"]].vi, FORMS[one["form"]].en)),
            f"{one['period']} ({one['calendar']})",
            day_shown(one["due"]),
            shown(one["days"]),
            moment_shown(one["told_at"]),
        ]
        for one in told
    ]
    console.table(headings, rows)
