"""Marks of `check`: mark a line of a list, read what was marked, and show it beside the lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from khopso.api import Api, text_of
from khopso.commands.options import day, filled
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, lines, spoken
from khopso.record_names import called, name_listed
from khopso.words import day_shown, moment_shown
from texts import message

_PAGE = 50


class MarkKind(StrEnum):
    """What can be marked on a line; the texts are ``check.mark.<kind>``."""

    ASSIGNED = "assigned"
    DONE = "done"
    DISPUTED = "disputed"
    OPEN = "open"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class MarkOptions:
    """Options of `check` that mark a line of its list, or show what is marked."""

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
    marks: Annotated[bool, typer.Option("--marks", help=help_of("cli.check.marks"))] = False

    def wanted(self) -> str | None:
        """Return which lines are wanted by their marks; FailureError (exit 2) for two answers at once."""
        if self.only_open and self.mine:
            raise FailureError(Exit.WRONG_USE, "check_open_or_mine")
        return "mine" if self.mine else "open" if self.only_open else None

    @property
    def asked(self) -> bool:
        """Return whether the command is about marks alone."""
        return self.marks or any(
            given is not None
            for given in (self.mark, self.line, self.to_unit, self.to_person, self.note, self.on, self.seen)
        )


def run_marks(
    console: Console, api: Api, rule: str | None, asked: Mapping[str, Any], options: MarkOptions
) -> None:
    """Mark a line, or show the marked lines with their history; FailureError (exit 2) where something is missing."""
    if rule is None:
        raise FailureError(Exit.WRONG_USE, "check_marks_need_rule")
    path = f"/v1/checks/{rule}/marks"
    if options.marks:
        document = _marked(api, path, asked)
        name_listed(console, api, [record for line in document["lines"] for record in line["records"]])
        console.result(document, lambda: _show_marked(console, document))
        return
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
    answer = api.post("reporting", path, filled(body), filled(asked))
    console.result(answer, lambda: _show_answer(console, answer))


def _marked(api: Api, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the marked lines of all pages."""
    given = filled({**asked, "limit": _PAGE})
    document: dict[str, Any] = api.get("reporting", path, given)
    while document["next"] is not None:
        page = api.get("reporting", path, {**given, "after": document["next"]})
        document["lines"] += page["lines"]
        document["next"] = page["next"]
    return document


def _show_answer(console: Console, answer: Mapping[str, Any]) -> None:
    if answer["outcome"] == "unchanged":
        console.line(spoken("check.mark_unchanged"))
    show_mark(console, answer["mark"])


def _show_marked(console: Console, document: Mapping[str, Any]) -> None:
    for text in lines(text_of(document)):
        console.line(text)
    for line in document["lines"]:
        console.line(f"  {line['subject']}")
        for record in line["records"]:
            console.line("    " + "  ".join(part for part in (record["unit"], called(record)) if part))
        show_mark(console, line["mark"])
        for mark in line["history"]:
            whom = mark["to_unit"] or mark["to_person"]
            parts = [spoken(f"check.mark.{mark['mark']}"), whom, _by(mark), mark["note"]]
            console.line("      " + "  ".join(part for part in parts if part))
    if not document["lines"]:
        console.line(f"  {spoken('check.no_marks')}")


def show_mark(console: Console, mark: Mapping[str, Any] | None) -> None:
    """Write what stands of a line; that a line marked done is still found is said beside it."""
    if mark is None:
        return
    whom = mark["to_unit"] or mark["to_person"]
    parts = [
        spoken(f"check.mark.{mark['state']}"),
        whom and f"→ {whom}",
        mark["at"] and _by(mark),
        mark["note"],
        mark["id"] and f"[{mark['id']}]",
    ]
    wrong = mark["found"] and mark["state"] == MarkKind.DONE
    console.line("    " + "  ".join(part for part in parts if part), "yellow" if wrong else None)
    if wrong or not mark["found"]:
        for text in lines(message("check.mark_still_found" if wrong else "check.mark_settled")):
            console.line(f"    {text}")


def _by(mark: Mapping[str, Any]) -> str:
    said = f"{day_shown(mark['on'])}, {mark['by']} ({mark['by_unit']})"
    told = moment_shown(mark["at"])
    return f"{said}, {spoken('check.mark_told')} {told}"
