"""`reconcile`: explain, step by step, the difference between a declared number and the computed figure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.figures import known
from khopso.commands.marking import MarkOptions, put_mark
from khopso.commands.options import (
    Acting,
    Approved,
    AreaOfOption,
    AsJson,
    DataDir,
    QuestionOptions,
    day,
    filled,
    moment,
    with_options,
)
from khopso.console import Console
from khopso.language import help_of
from khopso.record_names import name_listed
from khopso.settings import chosen_data_dir
from khopso.waterfall import show_declarations, show_waterfall

_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DeclarationOptions:
    """A declared number that was not handed in as a row."""

    declared: Annotated[str | None, typer.Option("--declared", help=help_of("cli.reconcile.declared"))] = None
    declared_as_of: Annotated[
        str | None, typer.Option("--declared-as-of", help=help_of("cli.reconcile.declared_as_of"))
    ] = None
    declared_from: Annotated[
        str | None, typer.Option("--declared-from", help=help_of("cli.reconcile.declared_from"))
    ] = None
    declared_to: Annotated[
        str | None, typer.Option("--declared-to", help=help_of("cli.reconcile.declared_to"))
    ] = None
    declared_on: Annotated[
        str | None, typer.Option("--declared-on", help=help_of("cli.reconcile.declared_on"))
    ] = None

    def parameters(self) -> dict[str, str | None]:
        """Return what was given under the service's names."""
        return {
            "declared": self.declared,
            "declared_as_of": day("--declared-as-of", self.declared_as_of),
            "declared_from": day("--declared-from", self.declared_from),
            "declared_to": day("--declared-to", self.declared_to),
            "declared_on": day("--declared-on", self.declared_on),
        }


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """Which of the records behind the steps are wanted."""

    records: Annotated[bool, typer.Option("--records", help=help_of("cli.reconcile.records"))] = False
    step: Annotated[str | None, typer.Option("--step", help=help_of("cli.reconcile.step"))] = None
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=help_of("cli.reconcile.limit"))] = None
    offset: Annotated[int | None, typer.Option("--offset", min=0, help=help_of("cli.reconcile.offset"))] = (
        None
    )

    def parameters(self, *, always: bool) -> dict[str, str | int | None]:
        """Return what was given under the service's names; ``always``: the records are wanted in any case."""
        wanted = "true" if always or self.records or self.step else "false"
        return {"records": wanted, "step": self.step, "limit": self.limit, "offset": self.offset}


@with_options
def reconcile(
    code: Annotated[
        str | None,
        typer.Argument(help=help_of("cli.reconcile.code"), metavar="CODE"),
    ] = None,
    *,
    agency: Annotated[
        str | None, typer.Option("--agency", help=help_of("cli.reconcile.agency", ": police, health, labour"))
    ] = None,
    against: Annotated[str | None, typer.Option("--against", help=help_of("cli.reconcile.against"))] = None,
    question: QuestionOptions,
    area_of: AreaOfOption = None,
    declaration: DeclarationOptions,
    behind: RecordOptions,
    marking: MarkOptions,
    approval: Approved = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold a declared number against the computed one, as a waterfall."""
    console = Console(as_json)
    if code is None:
        known_at = moment("--known-at", question.known_at)
        _list(console, person, data_dir, {"agency": agency, "area": question.area, "known_at": known_at})
        return
    known(code)
    marked = marking.wanted()
    whose: dict[str, Any] = {"agency": agency, "area_of": area_of.value if area_of else None}
    asked = (
        whose
        | question.parameters()
        | {"against": against, "marked": marked}
        | declaration.parameters()
        | behind.parameters(always=as_json or marked is not None)
    )
    path = f"/v1/reconciliations/{code}"
    with Api(chosen_data_dir(data_dir), person=person, approval=approval) as api:
        if marking.asked:
            put_mark(console, api, f"{path}/marks", whose | question.parameters(), marking)
            return
        answer = api.get("reporting", path, filled(asked), patience_seconds=_PATIENCE_SECONDS)
        name_listed(console, api, [record for step in answer["steps"] for record in step["records"] or ()])
    console.result(answer, lambda: show_waterfall(console, answer))


def _list(console: Console, person: str | None, data_dir: Path | None, asked: dict[str, str | None]) -> None:
    """Print all declared numbers, each beside the figure for its own dates."""
    with Api(chosen_data_dir(data_dir), person=person) as api:
        answer = api.get(
            "reporting", "/v1/reconciliations", filled(asked), patience_seconds=_PATIENCE_SECONDS
        )
    console.result(answer, lambda: show_declarations(console, answer["declarations"]))
