"""`sql`: print the SQL statements of a figure or a check."""

import json
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.figures import known
from khopso.commands.options import (
    Acting,
    AreaOfOption,
    AsJson,
    DataDir,
    QuestionOptions,
    filled,
    with_options,
)
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir

_CHECK = "check."
_SHOWN = 6
"""Number of elements of a list that are printed; ``--json`` prints all of them."""


@with_options
def sql(
    code: Annotated[str, typer.Argument(help=help_of("cli.sql.code"), metavar="CODE")],
    *,
    question: QuestionOptions,
    by: Annotated[str | None, typer.Option("--by", help=help_of("cli.figure.by"), metavar="DIM")] = None,
    area_of: AreaOfOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the statements behind a figure, or behind a check under ``check.CODE``."""
    console = Console(as_json)
    path = f"/v1/checks/{code.removeprefix(_CHECK)}/sql"
    if not code.startswith(_CHECK):
        known(code)
        path = f"/v1/figures/{code}/sql"
    asked = question.parameters() | {"by": by, "area_of": area_of.value if area_of else None}
    with Api(chosen_data_dir(data_dir), person=person) as api:
        answer = api.get("reporting", path, filled(asked), patience_seconds=5.0)
    console.result(answer, lambda: _show(console, answer))


def _show(console: Console, answer: dict[str, Any]) -> None:
    """Print the statements, and everything else as SQL comments, so that the output is valid SQL."""
    for number, statement in enumerate(answer["statements"]):
        if number:
            console.line()
        if "reads" in statement:
            reads = spoken(f"sql.{statement['reads']}")
            console.line(f"-- {statement['figure']}: {reads}")
        console.line(statement["sql"] + ";")
        for name, value in statement["parameters"].items():
            console.line(f"-- %({name})s = {_value(value)}")


def _value(value: Any) -> str:
    text = json.dumps(value[:_SHOWN] if isinstance(value, list) else value, ensure_ascii=False)
    if isinstance(value, list) and len(value) > _SHOWN:
        return f"{text[:-1]}, … ({len(value)})]"
    return text
