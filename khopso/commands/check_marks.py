"""Marks of `check`: mark a line of a list, and read what was marked."""

from collections.abc import Mapping
from typing import Any

from khopso.api import Api, text_of
from khopso.commands.marking import MarkOptions, put_mark
from khopso.commands.options import filled
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import lines, spoken
from khopso.line_marks import by_whom, show_mark
from khopso.record_names import called, name_listed

_PAGE = 50


def run_marks(
    console: Console,
    api: Api,
    rule: str | None,
    asked: Mapping[str, Any],
    options: MarkOptions,
    *,
    marks: bool,
) -> None:
    """Mark a line, or show the marked lines with their history; FailureError (exit 2) where something is missing."""
    if rule is None:
        raise FailureError(Exit.WRONG_USE, "check_marks_need_rule")
    path = f"/v1/checks/{rule}/marks"
    if marks:
        document = _marked(api, path, asked)
        name_listed(console, api, [record for line in document["lines"] for record in line["records"]])
        console.result(document, lambda: _show_marked(console, document))
        return
    put_mark(console, api, path, asked, options)


def _marked(api: Api, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the marked lines of all pages."""
    given = filled({**asked, "limit": _PAGE})
    document: dict[str, Any] = api.get("reporting", path, given)
    while document["next"] is not None:
        page = api.get("reporting", path, {**given, "after": document["next"]})
        document["lines"] += page["lines"]
        document["next"] = page["next"]
    return document


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
            parts = [spoken(f"check.mark.{mark['mark']}"), whom, by_whom(mark), mark["note"]]
            console.line("      " + "  ".join(part for part in parts if part))
    if not document["lines"]:
        console.line(f"  {spoken('check.no_marks')}")
