"""`duties`: what is due at a unit, from the services that keep its registers."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, clerk_of, day, filled, form_named
from khopso.console import Console
from khopso.language import brief, help_of, spoken
from khopso.record_names import REGISTER_SERVICES
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, shown
from texts import Message

_STATES = ("overdue", "soon", "open")
_NEVER = "9999-12-31"


def duties(
    unit: Annotated[str, typer.Option("--unit", help=help_of("cli.duties.unit"))],
    form: Annotated[str | None, typer.Option("--form", help=help_of("cli.duties.form"))] = None,
    late: Annotated[bool, typer.Option("--late", help=help_of("cli.duties.late"))] = False,
    on: Annotated[str | None, typer.Option("--on", help=help_of("cli.duties.on"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help=help_of("cli.duties.limit"))] = 50,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what is due at a unit, by when and by which article, with what is overdue first."""
    console = Console(as_json)
    services = REGISTER_SERVICES if form is None else (form_named(form).service,)
    state = "overdue" if late else None
    asked = filled({"unit": unit, "form": form, "state": state, "day": day("--on", on), "limit": limit})
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        answers = [api.get(service, "/v1/duties", asked) for service in services]
    found = sorted((duty for answer in answers for duty in answer["duties"]), key=_place)
    document = {
        **{each: sum(answer[each] for answer in answers) for each in _STATES},
        "duties": found[:limit],
        "lacking": [each for answer in answers for each in answer["lacking"]],
        "more": len(found) > limit or any(answer["next"] is not None for answer in answers),
    }
    console.result(document, lambda: _show(console, document))


def _place(duty: Mapping[str, Any]) -> tuple[int, str, str]:
    return _STATES.index(duty["state"]), duty["until"] or _NEVER, duty["record"]


def _show(console: Console, document: Mapping[str, Any]) -> None:
    counts = {each: shown(document[each]) for each in _STATES}
    console.line(f"{spoken('page.duties.title')}: {spoken('page.duties.counts', **counts)}", "bold")
    headings = [
        (spoken("page.desk.number"), "left"),
        (spoken("page.duties.what"), "left"),
        (spoken("page.desk.state"), "left"),
        (spoken("page.duties.until"), "left"),
        (spoken("page.duties.basis"), "left"),
    ]
    console.table(headings, [_row(duty) for duty in document["duties"]])
    if document["more"]:
        console.line(spoken("cli.duties.more"))


def _row(duty: Mapping[str, Any]) -> list[str]:
    late = duty["state"] == "overdue"
    until = spoken("page.duties.no_limit") if duty["until"] is None else day_shown(duty["until"])
    return [
        duty["number"],
        brief(Message(**duty["duty"])),
        spoken("page.duties.late", days=shown(duty["late_days"]))
        if late
        else spoken(f"page.duties.{duty['state']}"),
        until,
        duty["basis"],
    ]
