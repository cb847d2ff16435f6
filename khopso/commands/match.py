"""`match`: compare an agency's own list with the register."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from contracts.forms import FORMS
from deploy.embedded import Person
from khopso.api import Api, text_of
from khopso.commands.marking import MarkOptions, put_mark
from khopso.commands.options import Acting, Approved, AsJson, DataDir, day, form_named, with_options
from khopso.commands.registers import show_notes
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, help_of, rendered, spoken
from khopso.line_marks import MarkKind, show_mark
from khopso.registers.lists import COUNTS, Held, Item, ListRequest, hold, kind_name, reason_in_general
from khopso.settings import chosen_data_dir
from khopso.words import shown
from reference import province
from texts import Message

_SHOWN = 20
_TIMEOUT_SECONDS = 600.0  # a long list against a large register


@with_options
def match(
    form: Annotated[str, typer.Argument(help=help_of("cli.match.form"), metavar="FORM")],
    file: Annotated[Path | None, typer.Argument(help=help_of("cli.option.file"), metavar="FILE")] = None,
    *,
    marking: MarkOptions,
    unit: Annotated[
        str | None,
        typer.Option("--unit", help=help_of("cli.match.unit")),
    ] = None,
    area: Annotated[str | None, typer.Option("--area", help=help_of("cli.match.area"))] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help=help_of("cli.match.as_of"))] = None,
    agency: Annotated[
        str | None,
        typer.Option("--agency", help=help_of("cli.match.agency")),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help=help_of("cli.match.against"),
            metavar="FORM",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=help_of("cli.match.out"), metavar="WORKLIST.xlsx"),
    ] = None,
    approval: Approved = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold an agency's list against the register, or mark what such a match found.

    Nothing of the list is stored. Exit code 0 where both say the same, 1 where anything differs.
    """
    if approval is not None and unit is None:
        raise FailureError(Exit.WRONG_USE, "match_approval_unit")
    console = Console(as_json)
    wanted = form_named(form)
    only = marking.wanted()
    other = form_named(against).name if against is not None else None
    asked = ListRequest(unit, area, agency, day("--as-of", as_of), other)
    with Api(
        chosen_data_dir(data_dir), person=person, approval=approval, timeout_seconds=_TIMEOUT_SECONDS
    ) as api:
        api.url(wanted.service)
        if marking.asked:
            clerk = api.acting(Person(unit or province().committee_unit, "clerk"))
            path = f"/v1/forms/{wanted.name}/matches/marks"
            put_mark(console, clerk, path, {}, marking, service=wanted.service)
            return
        if file is None:
            raise FailureError(Exit.WRONG_USE, "match_file_needed")
        # An approved export is the matter of the unit's official, who asked for it; daily work is its clerk's.
        role = "clerk" if approval is None else "official"
        matching = api.acting(Person(unit or province().committee_unit, role))
        with console.progress(wanted.name) as advance:
            held = hold(matching, wanted, file, FORMS, asked, advance)
    differs = bool(held.items)
    held.items = [item for item in held.items if _is_wanted(item, only)]
    if out is not None:
        from khopso.registers.worklist import write_worklist  # loads slowly

        write_worklist(held, out)
    document = held.document() | {"worklist": str(out) if out is not None else None}
    console.result(document, lambda: _show(console, held, out))
    if differs:
        raise typer.Exit(Exit.REFUSED)


def _is_wanted(item: Item, wanted: str | None) -> bool:
    """Return whether an item is among those asked for by marks; what has no line has no mark, and is open."""
    if wanted == "mine":
        return bool(item.get("mine"))
    mark = item.get("mark")
    return wanted is None or mark is None or mark["state"] != MarkKind.DONE


def _show(console: Console, held: Held, out: Path | None) -> None:
    counts = held.counts
    console.line(rendered(Message(held.form.vi, held.form.en)))
    texts = {name: f"{spoken(f'match.count.{name}')} {shown(counts[name])}" for name in COUNTS}
    console.line(
        f"{texts['theirs']}, {texts['ours']}: "
        f"{texts['in_both']}, {texts['different']}, {texts['only_theirs']}, {texts['only_ours']}"
    )
    if held.persons is not None:
        people = held.persons
        console.line(
            f"{spoken('match.persons')}: {people['theirs']} – {people['ours']}, "
            f"{spoken('match.persons_in_both')} {people['in_both']}"
        )
    for fault in held.unknown:
        console.line(f"  {spoken('match.not_compared')}: {fault.field}")
    show_notes(console, held.form, [note for note in held.notes if note.rule != "unknown_column"])
    reasons = Counter((item["kind"], item["reason"]["code"]) for item in held.items)
    if reasons:
        rows = [
            (kind_name(kind), reason_in_general(code), str(count))
            for (kind, code), count in reasons.most_common()
        ]
        console.table([("", "left"), (spoken("match.likely_reason"), "left"), ("", "right")], rows)
    for item in held.items[:_SHOWN]:
        console.line("  " + _line(held, item))
        if item.get("line"):
            console.line(f"    {item['line']}")
            show_mark(console, item["mark"])
    if len(held.items) > _SHOWN:
        console.line(f"  … {len(held.items) - _SHOWN} {spoken('match.more')}")
    if out is not None:
        console.line(f"{spoken('match.worklist')}: {out}")


def _line(held: Held, item: Item) -> str:
    place = item["unit"] if item["row"] is None else f"{spoken('cli.row')} {held.placed(item['row'])}"
    fields = ", ".join(field["field"] for field in item["fields"])
    reason = brief(text_of(item["reason"]))
    return f"{kind_name(item['kind'])}, {place}, {item['key']}{': ' + fields if fields else ''} – {reason}"
