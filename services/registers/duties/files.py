"""What is due as files: a table for a spreadsheet, and a calendar (RFC 5545). Pure.

A calendar is read on telephones and by others' programs: it has the kind of duty, the day and the id of the record, and no number of a file.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from reference import unit_name
from services.registers.duties.model import Duty
from services.registers.duties.words import doubt_text, rule_text
from texts import Language

_COLUMNS = (
    "state",
    "until",
    "late_days",
    "since",
    "rule",
    "duty",
    "form",
    "number",
    "unit",
    "record",
    "basis",
    "mark",
    "doubt",
)
_BOM = "\ufeff"
# A cell that begins so is computed by a spreadsheet, and clerks type these numbers: a formula could send the table
# away.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(duties: Iterable[Duty], language: Language) -> str:
    """Return the duties as CSV, one line each."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(_COLUMNS)
    lines.writerows(_line(duty, language) for duty in duties)
    # Spreadsheets take a file without this mark for one in the machine's old encoding.
    return _BOM + out.getvalue()


def calendar_of(duties: Iterable[Duty], language: Language, now: datetime) -> bytes:
    """Return those duties that have a last day as all-day events of a calendar."""
    found = Calendar()
    found.add("prodid", "-//Khop So//duties//VI")
    found.add("version", "2.0")
    for duty in duties:
        if duty.until is not None:
            found.add_component(_event(duty, language, now))
    return bytes(found.to_ical())


def _line(duty: Duty, language: Language) -> list[str | int]:
    doubt = doubt_text(duty)
    return [
        duty.state,
        "" if duty.until is None else duty.until.isoformat(),
        duty.late_days,
        duty.since.isoformat(),
        duty.rule,
        rule_text(duty.rule).in_language(language),
        duty.fact.form,
        _plain(duty.number),
        duty.fact.unit,
        str(duty.fact.record),
        duty.limit.basis,
        duty.limit.mark,
        "" if doubt is None else doubt.in_language(language),
    ]


def _plain(number: str) -> str:
    """Return the number so that no spreadsheet takes it for a formula."""
    return f"'{number}" if number.startswith(_FORMULA) else number


def _event(duty: Duty, language: Language, now: datetime) -> Event:
    event = Event()
    # The same id each time: a calendar that reads the file again changes its event and adds no second one.
    event.add("uid", f"{duty.rule}.{duty.fact.record}@khop-so")
    event.add("dtstamp", now)
    assert duty.until is not None
    event.add("dtstart", duty.until)
    # The end of an all-day event is the first day after it (RFC 5545, 3.6.1).
    event.add("dtend", duty.until + timedelta(days=1))
    event.add("summary", rule_text(duty.rule).in_language(language))
    event.add("description", f"{duty.limit.basis}\n{unit_name(duty.fact.unit)}\n{duty.fact.record}")
    # Otherwise a last day would show its reader as busy all day long.
    event.add("transp", "TRANSPARENT")
    return event
