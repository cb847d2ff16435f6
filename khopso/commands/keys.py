"""`keys`: which field key encrypted how much, encrypting anew under the current one, and rotating the linkage secret."""

from enum import StrEnum
from typing import Annotated

import typer

from deploy.embedded import LinkageSecrets, read_stack
from khopso.api import Api
from khopso.commands.operations import Service, ServiceArgument
from khopso.commands.options import Acting, AsJson, DataDir, operator
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.rotation import LinkageRotation
from khopso.settings import CliSettings, chosen_data_dir

_PATIENCE_SECONDS = 120.0
_ROTATION_SECONDS = 3_600.0

keys = typer.Typer(help=help_of("cli.keys.help"), no_args_is_help=True)


class Rotatable(StrEnum):
    """Which keys can be rotated."""

    FIELDS = "fields"
    LINKAGE = "linkage"


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
            (spoken("operations.searched"), "right"),
            ("", "left"),
        ]
        identities, searched = answer["identities"], answer["searched"]
        current = spoken("operations.current")
        rows = [
            [
                key or "–",
                str(identities.get(key, 0)),
                str(searched.get(key, 0)),
                current if key == answer["current"] else "",
            ]
            for key in dict.fromkeys([answer["current"], *identities, *searched])
        ]
        console.table(headings, rows)

    console.result(answer, show)


@keys.command("rotate", help=help_of("cli.keys.rotate.help"))
def keys_rotate(
    what: Annotated[Rotatable, typer.Argument(help="fields | linkage", metavar="fields|linkage")],
    service: Annotated[
        Service | None, typer.Argument(help=help_of("cli.keys.rotate.service"), metavar="SERVICE")
    ] = None,
    abandon: Annotated[bool, typer.Option("--abandon", help=help_of("cli.keys.rotate.abandon"))] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help=help_of("cli.keys.rotate.give_up"))] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Rotate the field keys of a service, or the linkage secret of the province."""
    console = Console(as_json)
    folder = chosen_data_dir(data_dir)
    if (service is None) != (what is Rotatable.LINKAGE):
        raise FailureError(Exit.WRONG_USE, "rotate_service")
    with Api(
        folder,
        person=person,
        who=operator(),
        timeout_seconds=_PATIENCE_SECONDS if service else _ROTATION_SECONDS,
    ) as api:
        if service is not None:
            _rotate_fields(console, api, service)
            return
        # Where services are at given addresses, the secrets of a local stack are not theirs.
        own = read_stack(folder).supervised and not CliSettings().urls()
        rotation = LinkageRotation(
            api, LinkageSecrets(folder) if own else None, console.note, abandon=abandon
        )
        if give_up:
            rotation.give_up()
            console.result({"given_up": True}, lambda: console.line(spoken("linkage.given_up")))
            return
        epoch = rotation.run()
    document = {
        "epoch": epoch,
        "rows": rotation.rows,
        "abandoned_tokens": rotation.abandoned,
        "dead_letters_erased": rotation.letters,
    }
    console.result(document, lambda: console.line(spoken("linkage.rotated", epoch=epoch)))


def _rotate_fields(console: Console, api: Api, service: Service) -> None:
    found = api.get(service.value, "/v1/keys/fields")
    left = sum(rows for key, rows in found["identities"].items() if key != found["current"])
    done = 0
    searched = 0
    while (answer := api.post(service.value, "/v1/keys/fields/rotate", {}))["rewritten"] or answer[
        "searched"
    ]:
        done, searched = done + answer["rewritten"], searched + answer["searched"]
        console.note(f"… {done} / {left} + {searched}")
    document = {
        "service": service.value,
        "key": found["current"],
        "rewritten": done,
        "searched": searched,
    }
    console.result(document, lambda: console.line(f"{service.value}: {done} → {found['current']}"))
