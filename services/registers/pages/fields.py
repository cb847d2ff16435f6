"""Inputs of a form, by the description of its columns. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from contracts.forms import Column, Form, Kind, list_entry
from contracts.substances import substance_names
from reference import FIGURES, area_book, bare
from services.chassis.web import ErrorSummary, FieldFault, Option, SummaryRow, Text
from services.registers.offers import Offers
from services.registers.pages.cells import code_word, input_name, label, shown
from services.registers.pages.models import Control, EntryField
from services.registers.plan import RECORDED, UNIT, VOID
from services.registers.row import CellFault
from texts import Message, joined, message

_BOOK = (RECORDED, UNIT)
_CONTROLS: Mapping[Kind, Control] = {
    Kind.DATE: "date",
    Kind.BIRTH: "date",
    Kind.MOMENT: "date",
    Kind.CODE: "select",
    Kind.FLAG: "select",
    Kind.CODES: "checks",
}
_INPUTMODES: Mapping[Kind, str] = {
    Kind.INTEGER: "numeric",
    Kind.DECIMAL: "decimal",
    Kind.NATIONAL_ID: "numeric",
}
_YES_OR_NO = (
    Option(value="yes", text=message("word.yes")),
    Option(value="no", text=message("word.no")),
)


def record_fields(
    form: Form,
    typed: Mapping[str, str],
    faults: Sequence[CellFault],
    offers: Offers,
    day: date,
    fixed: Iterable[str] = (),
) -> tuple[EntryField, ...]:
    """Return the inputs of what the record says, in the form's order, without the ``fixed`` columns.

    ``day`` decides which areas there are, ``offers`` are what else may be named on it.
    """
    left_out = {*_BOOK, VOID, *fixed}
    return tuple(
        _field(column, typed, faults, offers, day) for column in form.columns if column.id not in left_out
    )


def book_fields(
    form: Form, typed: Mapping[str, str], faults: Sequence[CellFault], day: date
) -> tuple[EntryField, ...]:
    """Return the inputs of when and by whom the row was written down."""
    return tuple(input_for(form.by_id[name], typed, faults, day) for name in _BOOK)


def fixed_rows(form: Form, values: Mapping[str, object], fixed: Iterable[str]) -> tuple[SummaryRow, ...]:
    """Return the columns that name the record, as they stand."""
    return tuple(
        SummaryRow(term=label(form.by_id[name]), value=shown(form.by_id[name], values.get(name)))
        for name in fixed
    )


def defaults(form: Form) -> dict[str, str]:
    """Return what a new record says where nothing is typed."""
    return {column.id: column.default for column in form.columns if column.default is not None}


def errors_of(form: Form, faults: Sequence[CellFault]) -> ErrorSummary | None:
    """Return everything that is wrong, each with the input to go to; None where nothing is."""
    first = form.columns[0].id
    found = tuple(
        FieldFault(field=input_name(fault.field if fault.field in form.by_id else first), text=fault.message)
        for fault in faults
    )
    return ErrorSummary(faults=found) if found else None


def input_for(column: Column, typed: Mapping[str, str], faults: Sequence[CellFault], day: date) -> EntryField:
    """Return the input of one column."""
    return _field(column, typed, faults, {}, day)


def _field(
    column: Column,
    typed: Mapping[str, str],
    faults: Sequence[CellFault],
    offers: Offers,
    day: date,
) -> EntryField:
    value = typed.get(column.id, "")
    wrong = [fault.message for fault in faults if fault.field == column.id]
    return EntryField(
        name=input_name(column.id),
        label=label(column),
        control=_CONTROLS.get(column.kind, "text"),
        value=value,
        hint=_hint(column),
        fault=joined(wrong, " ") if wrong else "",
        required=column.required,
        inputmode=_INPUTMODES.get(column.kind, ""),
        options=_options(column),
        choices=_choices(column, offers, day),
        of_a_day=_of_a_day(column),
        ticked=frozenset(part.strip() for part in value.split(";"))
        if column.kind is Kind.CODES
        else frozenset(),
    )


def _options(column: Column) -> tuple[Option, ...]:
    if column.kind is Kind.FLAG:
        return _YES_OR_NO
    if column.kind in (Kind.CODE, Kind.CODES):
        return tuple(
            Option(value=code, text=code_word(name, code)) for code, name in (column.codes or {}).items()
        )
    return ()


def _choices(column: Column, offers: Offers, day: date) -> tuple[Option, ...]:
    """Return what is offered while something is typed; anything else can be typed, too."""
    if column.kind is Kind.COMMUNE:
        return _areas(area_book().era(day), communes_alone=True)
    if column.kind is Kind.AREA:
        return _areas(area_book().era(day), communes_alone=False)
    if column.kind is Kind.FIGURE:
        return tuple(Option(value=code, text=Message(each.vi, each.en)) for code, each in FIGURES.items())
    if column.names is not None:
        return tuple(Option(value=each.entry, text=each.told) for each in offers.get(column.id, ()))
    if column.substance:
        return tuple(Option(value=name, text="") for name in substance_names())
    return ()


@lru_cache(maxsize=16)
def _areas(era: date, *, communes_alone: bool) -> tuple[Option, ...]:
    found = [
        area
        for area in area_book().by_uid.values()
        if area.exists_on(era) and (area.level == "commune" or not communes_alone)
    ]
    found.sort(key=lambda area: (len(area.code), area.code))
    # Browsers look in the text beside a choice, too: so "hai tan" finds Hải Tân, without script.
    return tuple(Option(value=list_entry(area.code, area.name), text=bare(area.name)) for area in found)


def redated(form: Form) -> tuple[str, ...]:
    """Return the inputs whose choices are of the record's own day."""
    return tuple(input_name(column.id) for column in form.columns if _of_a_day(column))


def _of_a_day(column: Column) -> bool:
    return column.names is not None or column.kind in (Kind.COMMUNE, Kind.AREA)


_HINTS: Mapping[Kind, str] = {
    Kind.BIRTH: "page.desk.hint.birth",
    Kind.DATETIME: "page.desk.hint.datetime",
    Kind.MOMENT: "page.desk.hint.moment",
    Kind.TEXTS: "page.desk.hint.texts",
    Kind.NATIONAL_ID: "page.desk.hint.national_id",
    Kind.COMMUNE: "page.desk.hint.commune",
    Kind.AREA: "page.desk.hint.area",
    Kind.UNIT: "page.desk.hint.unit",
    Kind.FIGURE: "page.desk.hint.figure",
    Kind.DECIMAL: "page.desk.hint.decimal",
}


def _hint(column: Column) -> Text:
    code = _HINTS.get(column.kind)
    return "" if code is None else message(code)
