"""Rows of a list, read by the rules of hand-ins for the match, but never refused as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.forms import Form, Kind
from reference import area_book, digits_only
from services.linkage import normalise_national_id
from services.matching.model import Theirs
from services.registers import (
    Numbering,
    RawRow,
    Row,
    Vault,
    folded_number,
    has_whole_key,
    key_of,
    key_text,
    plan_of,
    read,
    shown,
)

_WITH_ZEROS = {8: 9, 10: 12, 11: 12}
_IGNORED = frozenset({"unknown_column", "column_twice"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: the default ``unit``, whether the list names it, what the caller reaches, the area asked.

    ``known_as`` tells the code of a unit as the units register has it, and that of its area, within which communes are read by
    their names, as in a hand-in.

    ``codes_of`` is the day whose area codes the list may have, besides those of each record's own date.
    """

    form: Form
    unit: str
    unit_given: bool
    columns: frozenset[str]
    codes_of: date
    in_reach: Callable[[str], bool]
    in_area: Callable[[str, str | None], bool]
    known_as: Callable[[str], tuple[str, str | None]]


def columns_of(form: Form, raws: Sequence[RawRow], given: Sequence[str] | None) -> frozenset[str]:
    """Return the form's columns that the list has: those given, else those with a cell in any row."""
    headers = given if given is not None else {header for raw in raws for header in raw.values}
    found = (form.by_id.get(header) or form.header(header) for header in headers)
    return frozenset(column.id for column in found if column is not None)


def read_rows(reading: Reading, raws: Sequence[RawRow], now: datetime) -> list[Row]:
    """Return the rows with their faults; what a list lacks as a column is no fault of its rows."""
    found = []
    for raw in raws:
        row = read(reading.form, raw, unit=reading.unit, now=now, known_as=reading.known_as)
        row.faults = [
            fault
            for fault in row.faults
            if fault.rule not in _IGNORED
            and not (fault.rule == "required" and fault.field not in reading.columns)
        ]
        found.append(row)
    return found


def theirs_of(reading: Reading, row: Row, vault: Vault, numbering: Numbering) -> Theirs:
    """Return a row ready to be matched."""
    # Before the key is made: for arrests the number is part of it.
    _mend_numbers(row)
    whole = has_whole_key(row)
    area = next(iter(row.areas.values()), None)
    values = row.content() | row.identity()
    return Theirs(
        number=row.number,
        unit=row.unit,
        # The caller's own unit as the default is a guess, which must not count as what the list says.
        unit_named=reading.unit_given or "unit_code" in row.values,
        key=(row.key or key_of(row, vault, numbering.apart)) if whole else None,
        first_key=_first_key(row, numbering),
        shown_key=key_text(reading.form, values),
        values=values,
        later_areas=_later_areas(reading, row),
        invalid={name: shown(row.raw.get(name)) for name in row.invalid},
        faults=tuple(row.faults),
        day=row.own_day,
        area=area,
        recorded_at=row.recorded.at if row.recorded is not None else None,
        void=row.void,
        in_reach=reading.in_reach(row.unit),
        in_area=reading.in_area(row.unit, area),
    )


def _first_key(row: Row, numbering: Numbering) -> str:
    first = row.form.key[0]
    if first in plan_of(row.form).numbers:
        return folded_number(row, first, numbering.apart) if row.has(first) else ""
    return str((row.values | row.areas).get(first, ""))


def _mend_numbers(row: Row) -> None:
    """Restore the leading zeros of national IDs that a spreadsheet kept as numbers: 11 digits were 12, 8 were 9."""
    for name in sorted(row.invalid):
        if row.form.by_id[name].kind is not Kind.NATIONAL_ID:
            continue
        digits = normalise_national_id(shown(row.raw.get(name)))
        whole = _WITH_ZEROS.get(len(digits)) if digits_only(digits) else None
        # Nothing but noughts is no number that has lost some of them.
        if whole is not None and digits.strip("0"):
            row.values[name] = digits.zfill(whole)
            row.invalid.discard(name)


def _later_areas(reading: Reading, row: Row) -> dict[str, str]:
    """Return the areas that the row's codes name on the list's own day, where they differ, by column."""
    found = {}
    for column in plan_of(reading.form).areas:
        code = row.values.get(column.id)
        area = area_book().resolve(code, reading.codes_of) if code is not None else None
        if area is not None and area.uid != row.areas.get(column.id):
            found[column.id] = area.uid
    return found
