"""`template`: make the book of a register, as a workbook to fill in or as pages to print."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.envelope import VIETNAM
from contracts.forms import Form
from khopso.api import Api
from khopso.commands.options import Acting, AsJson, Calendar, DataDir, Period, clerk_of, form_named
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import chosen, help_of, rendered, spoken
from khopso.settings import chosen_data_dir
from reference import PeriodNotThenError, UnknownCalendarError, UnknownPeriodError, parse_unit, resolve
from texts import LANGUAGES, Language, Message

_MOST_ROWS = 2_000
_PAGE = 500


def template(
    form: Annotated[str, typer.Argument(help=help_of("cli.option.form"), metavar="FORM")],
    out: Annotated[Path, typer.Argument(help=help_of("cli.option.out"), metavar="OUT.xlsx|OUT.pdf")],
    unit: Annotated[str | None, typer.Option("--unit", help=help_of("cli.template.unit"))] = None,
    period: Period = None,
    calendar: Calendar = None,
    lang: Annotated[str | None, typer.Option("--lang", help=help_of("cli.template.lang"))] = None,
    blank: Annotated[int, typer.Option("--blank", help=help_of("cli.template.blank"))] = 30,
    pdf: Annotated[bool, typer.Option("--pdf", help=help_of("cli.template.pdf"))] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a register book."""
    # Spreadsheets and the typesetter take longer to load than all the rest.
    from khopso.registers.blank import write_blank
    from khopso.registers.book import Book
    from khopso.registers.offers import offered_to, unit_title
    from khopso.registers.template import write_template

    console = Console(as_json)
    wanted = form_named(form)
    if unit is not None and parse_unit(unit) is None:
        raise FailureError(Exit.WRONG_USE, "unit")
    if not 1 <= blank <= _MOST_ROWS:
        raise FailureError(Exit.WRONG_USE, "rows_blank", rows=blank, most=_MOST_ROWS)
    now = datetime.now(VIETNAM)
    days = _days(calendar, period)
    facilities, clinicians = _known(console, wanted, unit, person, chosen_data_dir(data_dir))
    on = days or (now.date(),)
    first, last = days or (None, None)
    book = Book(
        wanted,
        _language(lang),
        "" if unit is None else unit_title(unit, on[-1], facilities),
        first,
        last,
        rows=blank,
        offered=offered_to(unit, on, facilities, clinicians),
    )
    if pdf or out.suffix.lower() == ".pdf":
        write_blank(book, out, now)
    else:
        write_template(book, out)
    document = {"form": wanted.name, "file": str(out), "columns": [column.id for column in wanted.columns]}
    console.result(document, lambda: console.line(f"{rendered(Message(wanted.vi, wanted.en))}: {out}"))


def _language(given: str | None) -> Language:
    """Return the language of the book: a register is kept in one, in Vietnamese unless English is asked for."""
    if given is None:
        return chosen() or "vi"
    language = next((each for each in LANGUAGES if each == given), None)
    if language is None:
        raise FailureError(Exit.WRONG_USE, "cli.language", value=given, allowed=", ".join(LANGUAGES))
    return language


def _days(calendar: str | None, period: str | None) -> tuple[date, date] | None:
    if period is None:
        return None
    try:
        found = resolve(calendar or "civil", period)
    except UnknownCalendarError as unknown:
        named = ", ".join(unknown.calendars)
        raise FailureError(
            Exit.WRONG_USE, "template_calendar", value=unknown.calendar, calendars=named
        ) from None
    except (UnknownPeriodError, PeriodNotThenError) as unknown:
        named = ", ".join(getattr(unknown, "codes", ())) or unknown.calendar
        raise FailureError(Exit.WRONG_USE, "template_period", value=period, codes=named) from None
    return found.first, found.last


_Rows = list[dict[str, Any]]


def _known(
    console: Console, form: Form, unit: str | None, person: str | None, data_dir: Path
) -> tuple[_Rows, _Rows]:
    """Return the facilities and the clinicians that the lists offer; none, with a note, where they cannot be read."""
    named = {column.names for column in form.columns}
    if "facilities" not in named and (unit is None or ":" in unit):
        return [], []
    facilities: _Rows = []
    try:
        with Api(data_dir, person=person, who=clerk_of(unit)) as api:
            facilities = api.get("treatment", "/v1/units")["units"]
            return facilities, _clinicians(api) if "clinicians" in named else []
    except FailureError as unread:
        if unread.exit_code is Exit.WRONG_USE:
            raise
        console.note(spoken("cli.template.no_lists"))
        return facilities, []


def _clinicians(api: Api) -> _Rows:
    """Return the values of the clinicians' records that the caller may read, the latest of each number."""
    found: dict[str, dict[str, Any]] = {}
    after: str | None = None
    while True:
        asked = {"limit": _PAGE} | ({"after": after} if after else {})
        page = api.get("treatment", "/v1/forms/clinicians/records", asked)
        for record in page["records"]:
            if not record["voided"]:
                found[record["values"]["clinician_no"]] = record["values"]
        after = page["next"]
        if after is None:
            return [found[number] for number in sorted(found)]
