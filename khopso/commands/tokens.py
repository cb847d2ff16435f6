"""`tokens`: revoke a token before its end, in every service; see which are revoked."""

import json
from base64 import urlsafe_b64decode
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.operations import Service
from khopso.commands.options import Acting, AsJson, DataDir, administrator
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown

tokens = typer.Typer(help=help_of("cli.tokens.help"), no_args_is_help=True)


@tokens.command("revoke", help=help_of("cli.tokens.revoke.help"))
def revoke(
    token: Annotated[str, typer.Argument(help=help_of("cli.tokens.token"), metavar="JTI|TOKEN")],
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token in all four services."""
    console = Console(as_json)
    token_id = _id_of(token)
    with Api(chosen_data_dir(data_dir), person=person, who=administrator()) as api:
        # Each service has a list of its own, so that none needs another to refuse a token. Repeating is harmless:
        # where one service cannot be reached the command fails and is run once more.
        for service in Service:
            api.post(service.value, "/v1/revoked-tokens", {"token": token_id})
    document = {"token": token_id, "services": [service.value for service in Service]}
    console.result(document, lambda: console.line(f"{token_id}: {spoken('tokens.revoked')}"))


@tokens.command("list", help=help_of("cli.tokens.list.help"))
def listed(person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List revoked tokens, service by service."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=administrator()) as api:
        found = [
            {"service": service.value} | row
            for service in Service
            for row in api.get(service.value, "/v1/revoked-tokens")
        ]

    def show() -> None:
        headings = [
            spoken("tokens.service"),
            spoken("tokens.token"),
            spoken("tokens.until"),
            spoken("tokens.by"),
        ]
        rows = [[row["service"], row["id"], moment_shown(row["until"]), row["revoked_by"]] for row in found]
        console.table([(heading, "left") for heading in headings], rows)

    console.result(found, show)


def _id_of(token: str) -> str:
    """Return the ``jti`` of a whole token, or the text itself where it is a ``jti`` already."""
    parts = token.split(".")
    if len(parts) != 3:
        return token
    try:
        claims: Any = json.loads(urlsafe_b64decode(parts[1] + "=="))
        return str(claims["jti"])
    except (ValueError, KeyError, TypeError):
        raise FailureError(Exit.WRONG_USE, "tokens.no_id") from None
