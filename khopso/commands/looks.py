"""`looks`: who read identities of a unit's people, and a question about one of these looks."""

from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.operations import Service
from khopso.commands.options import Acting, AsJson, DataDir, clerk_of
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown

looks = typer.Typer(help=help_of("cli.looks.help"), no_args_is_help=True)
_PAGE = 500
UnitOption = Annotated[str | None, typer.Option("--unit", help=help_of("cli.looks.unit"))]


@looks.command("list", help=help_of("cli.looks.list.help"))
def listed(
    unit: UnitOption = None, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """List looks at a unit's people in all four services, the last one first."""
    console = Console(as_json)
    found: list[dict[str, Any]] = []
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        for service in Service:
            wanted: dict[str, Any] = {"limit": _PAGE} | ({"unit": unit} if unit else {})
            while True:
                page = api.get(service.value, "/v1/audit/looks", wanted)
                found += [{"service": service.value} | look for look in page["looks"]]
                if page["next"] is None:
                    break
                wanted["before"] = page["next"]
    found.sort(key=lambda look: str(look["at"]), reverse=True)

    def show() -> None:
        headings = [
            spoken("looks.at"),
            spoken("looks.unit"),
            spoken("looks.who"),
            spoken("looks.form"),
            spoken("looks.identities"),
            spoken("looks.purpose"),
            spoken("looks.id"),
        ]
        rows = [
            [
                moment_shown(look["at"]),
                look["unit"],
                f"{look['subject']} ({look['role']})",
                look["form"],
                str(look["identities"]),
                look["purpose"],
                f"{look['service']} {look['id']}",
            ]
            for look in found
        ]
        console.table([(heading, "left") for heading in headings], rows)

    console.result(found, show)


@looks.command("question", help=help_of("cli.looks.question.help"))
def question(
    service: Annotated[Service, typer.Argument(help=help_of("cli.option.service"), metavar="SERVICE")],
    look: Annotated[str, typer.Argument(help=help_of("cli.looks.look"), metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.looks.reason"))],
    unit: UnitOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Question a look at one's own people; administrators see the question."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        answer = api.post(service.value, f"/v1/audit/looks/{look}/questions", {"reason": reason})
    document = {"service": service.value, "look": look, "question": answer["id"]}
    console.result(document, lambda: console.line(f"{look}: {spoken('looks.questioned')}"))
