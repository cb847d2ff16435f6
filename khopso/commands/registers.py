"""`import`: hand in a register from a file."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from contracts.forms import FORMS, Column, Form, Kind
from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, form_named
from khopso.console import Console
from khopso.failure import Exit, FailureError, UnusableFileError
from khopso.language import help_of, rendered, spoken
from khopso.registers.handin import Outcome, hand_in
from khopso.registers.source import mark_in, open_sheets
from khopso.settings import chosen_data_dir
from khopso.words import shown
from registerfiles.columns import HeaderError, RowFault
from registerfiles.failure import ContentError
from registerfiles.parts import Choices, HiddenRows
from registerfiles.rows import Sheet
from texts import Message

_SHOWN_FAULTS = 20


def import_register(
    form_or_file: Annotated[
        str, typer.Argument(help=help_of("cli.import.form", ": registry, determination …"), metavar="[FORM]")
    ],
    file: Annotated[Path | None, typer.Argument(help=help_of("cli.option.file"), metavar="FILE")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help=help_of("cli.import.unit"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_of("cli.import.dry_run"))] = False,
    replace: Annotated[bool, typer.Option("--replace", help=help_of("cli.import.replace"))] = False,
    show_changes: Annotated[
        bool, typer.Option("--show-changes", help=help_of("cli.import.show_changes"))
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help=help_of("cli.import.errors"), metavar="OUT.xlsx"),
    ] = None,
    person: Acting = None,
    ignore_column: Annotated[
        list[str] | None,
        typer.Option("--ignore-column", help=help_of("cli.import.ignore_column"), metavar="NAME"),
    ] = None,
    sheet: Annotated[
        list[str] | None, typer.Option("--sheet", help=help_of("cli.import.sheet"), metavar="NAME")
    ] = None,
    hidden_rows: Annotated[
        str, typer.Option("--hidden-rows", help=help_of("cli.import.hidden_rows"), metavar="take|leave")
    ] = "ask",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Hand in a register."""
    console = Console(as_json)
    wanted, file, sheets = _form_and_file(form_or_file, file)
    choices = Choices(frozenset(ignore_column or ()), tuple(sheet or ()), _hidden_rows(hidden_rows))
    with Api(chosen_data_dir(data_dir), person=person) as api:
        api.url(wanted.service)
        try:
            with console.progress(wanted.name) as advance:
                outcome = hand_in(
                    api if unit is None else api.clerk_of(unit),
                    wanted,
                    file,
                    FORMS,
                    unit=unit,
                    by_unit=None if unit is not None else api.clerk_of,
                    dry_run=dry_run,
                    choices=choices,
                    replace=replace,
                    show_changes=show_changes,
                    progress=advance,
                    sheets=sheets,
                )
        except ContentError as refused:
            if not as_json:
                raise
            console.failure_note(UnusableFileError(refused))
            console.result(_unusable(wanted, refused, dry_run), lambda: None)
            raise typer.Exit(Exit.REFUSED) from None
    written = _error_book(console, outcome, errors or file.with_name(f"{file.stem}-errors.xlsx"))
    document = outcome.document() | {"errors": written}
    console.result(document, lambda: show_outcome(console, outcome, written))
    if outcome.refused:
        raise typer.Exit(Exit.REFUSED)


def _form_and_file(first: str, file: Path | None) -> tuple[Form, Path, list[Sheet] | None]:
    """Return the form, the file, and its sheets where they were read: a file that stands alone remembers its form."""
    if file is not None:
        return form_named(first), file, None
    path = Path(first)
    if first in FORMS and not path.exists():
        raise FailureError(Exit.WRONG_USE, "import_needs_file", form=first)
    sheets = open_sheets(path)
    mark = mark_in(path, sheets)
    if mark is None:
        raise FailureError(Exit.WRONG_USE, "file_names_no_form")
    if mark.form not in FORMS:
        raise FailureError(Exit.WRONG_USE, "template_form_unknown", form=mark.form)
    return FORMS[mark.form], path, sheets


def _error_book(console: Console, outcome: Outcome, path: Path) -> str | None:
    """Write the error workbook and return its path; None where nothing was refused or the file cannot be written.

    Where it cannot be written the command goes on, since it still has to print the counts.
    """
    if not outcome.refused:
        return None
    from khopso.registers.errorbook import write_error_book  # as in `template`

    try:
        write_error_book(outcome, path)
    except FailureError as unwritten:
        console.failure_note(unwritten)
        return None
    return str(path)


def show_outcome(console: Console, outcome: Outcome, written: str | None) -> None:
    """Print the counts, then the first faults."""
    trial = f" ({spoken('import.dry_run')})" if outcome.dry_run else ""
    counts = {
        "import.accepted": outcome.accepted,
        "import.unchanged": outcome.unchanged,
        "import.corrected": outcome.corrected,
        "import.withdrawn": outcome.withdrawn,
        "import.restored": outcome.restored,
        "import.refused": outcome.refused,
    }
    # Rare, so that the line stays short where it is none.
    if not outcome.restored:
        del counts["import.restored"]
    listed = ", ".join(f"{spoken(code)} {shown(count)}" for code, count in counts.items())
    name = rendered(Message(outcome.form.vi, outcome.form.en))
    console.line(f"{name}{trial}: {listed}")
    faults = outcome.all_faults()
    for fault in faults[:_SHOWN_FAULTS]:
        console.line(f"  {_row(fault)}, {_place(outcome.form, fault)}: {rendered(fault.message)}")
    if len(faults) > _SHOWN_FAULTS:
        console.line(f"  … {len(faults) - _SHOWN_FAULTS} {spoken('import.more_faults')}")
    if written:
        console.line(f"{spoken('import.refused_rows')}: {written}")
    show_notes(console, outcome.form, outcome.notes)
    show_changed(console, outcome)


def show_changed(console: Console, outcome: Outcome) -> None:
    """Print the old and the new value of each corrected column, in the order of the rows."""
    for change in outcome.changes[:_SHOWN_FAULTS]:
        column = outcome.form.by_id[change["field"]]
        old, new = (_value(column, change[side]) for side in ("old", "new"))
        place = f"{spoken('cli.row')} {change['row']}, {column.vi} ({column.id})"
        console.line(f"  {place}: {old} → {new}")
    if len(outcome.changes) > _SHOWN_FAULTS:
        console.line(f"  … {len(outcome.changes) - _SHOWN_FAULTS} {spoken('import.more_changes')}")


def _value(column: Column, value: Any) -> str:
    """Return a value of an answer as the register has it: labels of codes, days as dd/mm/yyyy."""
    if value in (None, "", []):
        return spoken("import.blank")
    if isinstance(value, list):
        return "; ".join(_value(column, each) for each in value)
    if isinstance(value, bool):
        return spoken("word.yes" if value else "word.no")
    if column.codes is not None and value in column.codes:
        return column.codes[value]
    if column.kind in (Kind.DATE, Kind.BIRTH) and isinstance(value, str):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return str(value)


def show_notes(console: Console, form: Form, notes: Sequence[RowFault]) -> None:
    """Print what was left out of a file or read otherwise than it stands there."""
    for note in notes[:_SHOWN_FAULTS]:
        console.line(
            f"  {spoken('import.note')}: {_row(note)}, {_place(form, note)}: {rendered(note.message)}"
        )
    if len(notes) > _SHOWN_FAULTS:
        console.line(f"  … {len(notes) - _SHOWN_FAULTS} {spoken('import.more_notes')}")


def _hidden_rows(given: str) -> HiddenRows:
    if given not in get_args(HiddenRows):
        raise FailureError(Exit.WRONG_USE, "hidden_rows_choice", given=given)
    return cast(HiddenRows, given)


def _row(fault: RowFault) -> str:
    sheet = f"{spoken('cli.sheet')} “{fault.sheet}”, " if fault.sheet else ""
    return f"{sheet}{spoken('cli.row')} {fault.row}"


def _place(form: Form, fault: RowFault) -> str:
    """Return the heading of the column and the value of the cell."""
    column = form.by_id.get(fault.field)
    name = f"{column.vi} ({column.id})" if column is not None else fault.field or "*"
    return name if fault.value in (None, "", fault.field) else f"{name} = {fault.value!s}"


def _unusable(form: Form, refused: ContentError, dry_run: bool) -> dict[str, Any]:
    """Return the JSON answer for a file that is refused as a whole; its faults have row 1, the header."""
    faults = (
        refused.faults
        if isinstance(refused, HeaderError)
        else [RowFault(1, "", None, refused.rule, refused.text)]
    )
    return {
        "form": form.name,
        "accepted": 0,
        "unchanged": 0,
        "corrected": 0,
        "withdrawn": 0,
        "restored": 0,
        "refused": [fault.document() for fault in faults],
        "refused_rows": 0,
        "notes": [],
        "dry_run": dry_run,
        "errors": None,
    } | UnusableFileError(refused).document()
