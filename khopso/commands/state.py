"""`state`: a unit says that its registers of a period are complete, or that nothing happened in it."""

from collections import defaultdict
from typing import Annotated, Any

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import (
    Acting,
    AsJson,
    Calendar,
    DataDir,
    Period,
    clerk_of,
    day,
    filled,
    form_named,
    need_period,
)
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, help_of, spoken
from khopso.settings import chosen_data_dir
from texts import Message


def state(
    forms: Annotated[list[str], typer.Argument(help=help_of("cli.state.forms"), metavar="FORM…")],
    calendar: Calendar = None,
    period: Period = None,
    unit: Annotated[str | None, typer.Option("--unit", help=help_of("cli.state.unit"))] = None,
    nil: Annotated[bool, typer.Option("--nil", help=help_of("cli.state.nil"))] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=help_of("cli.state.withdraw"))] = False,
    recorded_on: Annotated[
        str | None, typer.Option("--recorded-on", help=help_of("cli.state.recorded_on"))
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """State what a unit has handed in for a period."""
    need_period(calendar, period)
    if nil and withdraw:
        raise FailureError(Exit.WRONG_USE, "state_nil_or_withdraw")
    says = "withdrawn" if withdraw else "nil" if nil else "complete"
    said = {
        "calendar": calendar,
        "period": period,
        "unit": unit,
        "recorded_on": day("--recorded-on", recorded_on),
    }
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        made = [
            api.post(service, "/v1/statements", {**filled(said), "statements": dict.fromkeys(those, says)})
            for service, those in _by_service(forms).items()
        ]
    document = {**made[0], "statements": [one for answer in made for one in answer["statements"]]}
    console.result(document, lambda: _show(console, document))


def _by_service(forms: list[str]) -> dict[str, list[str]]:
    """Return the forms by the service that keeps them."""
    found: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        found[form_named(form).service].append(form)
    return found


def _show(console: Console, document: dict[str, Any]) -> None:
    console.line(f"{document['unit']}, {document['period']} ({document['calendar']})", "bold")
    for one in document["statements"]:
        form, says, outcome = FORMS[one["form"]], one["says"], one["outcome"]
        said = "" if says == "withdrawn" else f"{spoken(f'ledger.{says}')}: "
        console.line(f"  {brief(Message(form.vi, form.en))}: {said}{spoken(f'statement.{outcome}')}")
