"""`keys`: which field key encrypted how much, and encrypting anew under the current one."""

from enum import StrEnum
from typing import Annotated

import typer

from khopso.api import Api
from khopso.commands.operations import ServiceArgument
from khopso.commands.options import Acting, AsJson, DataDir, operator
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir

_PATIENCE_SECONDS = 120.0

keys = typer.Typer(help=help_of("cli.keys.help"), no_args_is_help=True)


class Rotatable(StrEnum):
    """Which keys can be rotated."""

    FIELDS = "fields"


@keys.command("show", help=help_of("cli.keys.show.help"))
def keys_show(
    service: ServiceArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Show how many identities each field key has encrypted."""
    console = Console(as_json)
    with Api(
        chosen_data_dir(data_dir), person=person, who=operator(), timeout_seconds=_PATIENCE_SECONDS
    ) as api:
        answer = api.get(service.value, "/v1/keys/fields")

    def show() -> None:
        headings = [
            (spoken("operations.key"), "left"),
            (spoken("operations.identities"), "right"),
            ("", "left"),
        ]
        known = {answer["current"]: 0} | answer["identities"]
        current = spoken("operations.current")
        rows = [[key, str(rows), current if key == answer["current"] else ""] for key, rows in known.items()]
        console.table(headings, rows)

    console.result(answer, show)


@keys.command("rotate", help=help_of("cli.keys.rotate.help"))
def keys_rotate(
    what: Annotated[Rotatable, typer.Argument(help="fields", metavar="fields")],
    service: ServiceArgument,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Encrypt every identity of a service anew under the current field key, batch by batch."""
    console = Console(as_json)
    with Api(
        chosen_data_dir(data_dir), person=person, who=operator(), timeout_seconds=_PATIENCE_SECONDS
    ) as api:
        found = api.get(service.value, "/v1/keys/fields")
        left = sum(rows for key, rows in found["identities"].items() if key != found["current"])
        done = 0
        while rewritten := api.post(service.value, f"/v1/keys/{what.value}/rotate", {})["rewritten"]:
            done += rewritten
            console.note(f"… {done} / {left}")
    document = {"service": service.value, "key": found["current"], "rewritten": done}
    console.result(document, lambda: console.line(f"{service.value}: {done} → {found['current']}"))
