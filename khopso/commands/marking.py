"""Mark a line of a list: the options of every command that lists lines, and the request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import day, filled
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.line_marks import MarkKind, show_mark


@dataclass(frozen=True, slots=True)
class MarkOptions:
    """Options that mark a line of a list, or show its lines by what is marked."""

    mark: Annotated[MarkKind | None, typer.Option("--mark", help=help_of("cli.check.mark"))] = None
    line: Annotated[str | None, typer.Option("--line", help=help_of("cli.check.line"))] = None
    to_unit: Annotated[
        str | None, typer.Option("--to-unit", help=help_of("cli.check.to_unit"), metavar="UNIT")
    ] = None
    to_person: Annotated[
        str | None, typer.Option("--to-person", help=help_of("cli.check.to_person"), metavar="PERSON")
    ] = None
    note: Annotated[str | None, typer.Option("--note", help=help_of("cli.check.note"))] = None
    on: Annotated[str | None, typer.Option("--on", help=help_of("cli.check.mark_on"))] = None
    seen: Annotated[
        str | None, typer.Option("--seen", help=help_of("cli.check.seen"), metavar="MARK|none")
    ] = None
    only_open: Annotated[bool, typer.Option("--open", help=help_of("cli.check.open"))] = False
    mine: Annotated[bool, typer.Option("--mine", help=help_of("cli.check.mine"))] = False

    def wanted(self) -> str | None:
        """Return which lines are wanted by their marks; FailureError (exit 2) for two answers at once."""
        if self.only_open and self.mine:
            raise FailureError(Exit.WRONG_USE, "check_open_or_mine")
        return "mine" if self.mine else "open" if self.only_open else None

    @property
    def asked(self) -> bool:
        """Return whether a line is to be marked."""
        return any(
            given is not None
            for given in (self.mark, self.line, self.to_unit, self.to_person, self.note, self.on, self.seen)
        )


def put_mark(
    console: Console,
    api: Api,
    path: str,
    asked: Mapping[str, Any],
    options: MarkOptions,
    *,
    service: str = "reporting",
) -> None:
    """Mark a line of the list that a service has at the path; FailureError (exit 2) where --mark or --line is missing."""
    if options.mark is None or options.line is None:
        raise FailureError(Exit.WRONG_USE, "check_mark_and_line")
    body = {
        "line": options.line,
        "mark": options.mark.value,
        "to_unit": options.to_unit,
        "to_person": options.to_person,
        "note": options.note,
        "on": day("--on", options.on),
        "seen": options.seen,
    }
    answer = api.post(service, path, filled(body), filled(asked))
    console.result(answer, lambda: _show_answer(console, answer))


def _show_answer(console: Console, answer: Mapping[str, Any]) -> None:
    if answer["outcome"] == "unchanged":
        console.line(spoken("check.mark_unchanged"))
    show_mark(console, answer["mark"])
