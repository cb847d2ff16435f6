"""Match the columns of a file with those of the form, and convert cells to the values that services take."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from contracts.forms import Column, Form, Kind
from registerfiles.archive import cell_name
from registerfiles.failure import ContentError
from registerfiles.rows import PARTIAL, Cell, Row, is_blank, says_nothing
from texts import Message, message

Value = str | int | float | bool
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_WITH_TIME = frozenset({Kind.DATETIME, Kind.MOMENT})
_TEXTS = frozenset({Kind.TEXT, Kind.NATIONAL_ID})
_NUMBERS_AND_CODES = ("_no", "_code")
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number and makes zeros of the others
# An exponent, a tick box, a whole number with the decimal that a program gave it, and dates: Mar-24, 2-Jan, 01-Thg2, Thg3-24,
# 3-Jan-24, any date with its midnight.
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|thg ?1?[0-9]"
_MIDNIGHT = "[T ]0?0:00(?::00(?:[.]0+)?)?"
_CHANGED = re.compile(
    rf"[0-9](?:[.,][0-9]+)?E\+[0-9]+|TRUE|FALSE|[0-9]+[.]0"
    rf"|[0-9]{{1,2}}-(?:{_MONTH})(?:-[0-9]{{2}}|-[0-9]{{4}})?|(?:{_MONTH})-[0-9]{{2}}"
    rf"|(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-][0-9]{{4}}){_MIDNIGHT}",
    re.IGNORECASE,
)
# What a cell shows whose value is an error, or too long for its width: a file of text has nothing else of it.
_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|#{3,}", re.IGNORECASE)
_MAX_ECHO = 200
_OLD_AND_NEW = Kind.NATIONAL_ID
"""The one kind that registers keep in two columns, CCCD and CMND; they are read as one value."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault or note as `khopso import` reports it: spreadsheet row, field, value, rule, texts; the sheet, if named."""

    row: int
    field: str
    value: Any
    rule: str
    message: Message
    sheet: str = ""

    def document(self) -> dict[str, Any]:
        """Return one entry of `refused` or `notes` in the JSON answer."""
        text = {"vi": self.message.vi, "en": self.message.en}
        found = {
            "row": self.row,
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
            "message": text,
        }
        return found | ({"sheet": self.sheet} if self.sheet else {})


def fault_of(row: int, field: str, value: Any, rule: str, **parts: object) -> RowFault:
    """Return a fault with its text. A value is repeated in messages and workbooks, so a long one is cut."""
    echoed = value[:_MAX_ECHO] if isinstance(value, str) else value
    return RowFault(row, field, echoed, rule, message(rule, **parts))


@dataclass(frozen=True, slots=True)
class Matching:
    """The columns of a file that the form knows, by position, and faults of the header that stop nothing.

    ``named`` are the positions that have any header text, ``unknown`` those whose text names no column and is not the
    number of the row.
    """

    columns: Mapping[int, Column]
    unknown: Mapping[int, str]
    named: frozenset[int]

    @property
    def old_and_new(self) -> list[int]:
        """Return the positions of the columns of national IDs: one, or CCCD and CMND beside each other."""
        return [index for index, column in self.columns.items() if column.kind is _OLD_AND_NEW]

    def unknown_faults(self, row: int = 1) -> tuple[RowFault, ...]:
        """Return a fault for each header that names no column. ``row`` is the header's own."""
        return tuple(fault_of(row, text, text, "unknown_column") for text in self.unknown.values())


def match_header(form: Form, header: Sequence[str], forms: Mapping[str, Form], row: int = 1) -> Matching:
    """Find the form's columns in the header, which is the given row of its sheet.

    Raises:
        ContentError: no header, another form's header, a column twice, a required column missing.
    """
    named = {index: form.header(text) for index, text in enumerate(header) if text.strip()}
    columns = {index: column for index, column in named.items() if column is not None}
    if not columns:
        raise not_this_form(form, header, forms)
    seen: set[str] = set()
    for index, column in columns.items():
        if column.id in seen and column.kind is not _OLD_AND_NEW:
            raise HeaderError([fault_of(row, column.id, header[index], "duplicate_column")])
        seen.add(column.id)
    missing = [column for column in needed(form, seen) if column.id not in seen]
    if missing:
        better = _best_form(header, forms)
        # The clerk has probably chosen the wrong file or form; this message helps more than a list of missing columns.
        if better is not None and better.name != form.name and _hits(better, header) > len(columns):
            raise not_this_form(form, header, forms)
        raise HeaderError([_missing(column, form, header, row) for column in missing])
    unknown = {
        index: header[index]
        for index, column in named.items()
        if column is None and not form.numbers_rows(header[index])
    }
    return Matching(columns, unknown, frozenset(named))


def _missing(column: Column, form: Form, header: Sequence[str], row: int) -> RowFault:
    name = Message(column.vi, column.id)
    like = next(
        (text for text in header if text and not form.header(text) and form.nearest(text) is column), None
    )
    if like is not None:
        return fault_of(row, column.id, like, "missing_column_like", column=name, like=like)
    return fault_of(row, column.id, None, "missing_column", column=name)


def key_columns(form: Form) -> frozenset[str]:
    """Return the columns that name a record of the form, alternatives included."""
    return frozenset(name for part in form.key for names in part.split("|") for name in names.split("+"))


def needed(form: Form, seen: set[str]) -> list[Column]:
    """Return the required columns; in a file that can withdraw rows only those of the key, as withdrawals need no others."""
    keys = {part for key in form.key if "|" not in key for part in key.split("+")}
    return [
        column for column in form.columns if column.required and ("void" not in seen or column.id in keys)
    ]


def _hits(form: Form, header: Sequence[str]) -> int:
    return len({found.id for text in header if text.strip() and (found := form.header(text)) is not None})


def _best_form(header: Sequence[str], forms: Mapping[str, Form]) -> Form | None:
    best = max(forms.values(), key=lambda form: _hits(form, header), default=None)
    # Two forms may share one or two columns by chance, so at least three must match.
    return best if best is not None and _hits(best, header) >= 3 else None


def names_another(form: Form, header: Sequence[str], forms: Mapping[str, Form]) -> bool:
    """Return whether a line names the columns of another form."""
    other = _best_form(header, forms)
    return other is not None and other.name != form.name


def not_this_form(form: Form, header: Sequence[str], forms: Mapping[str, Form]) -> ContentError:
    """Return the failure of a file without the form's header: it may have another form's."""
    other = _best_form(header, forms)
    if other is not None and other.name != form.name:
        return ContentError(
            "header_other_form", form=form.name, other=other.name, name=Message(other.vi, other.en)
        )
    return ContentError("header_missing", form=Message(form.vi, form.en))


class HeaderError(ContentError):
    """The file cannot be used as it is; `faults` has one entry per column, sheet or cell at fault."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        Exception.__init__(self, str(faults[0].message))
        self.rule, self.text = faults[0].rule, faults[0].message
        self.details = tuple(f"{fault.field or fault.sheet or '*'}: {fault.message}" for fault in faults)
        self.faults = list(faults)


def row_faults(matching: Matching, row: Row) -> list[RowFault]:
    """Return what is wrong with the cells as cells: formulas and spreadsheet errors in known columns, values beyond them."""
    faults = [
        fault_of(
            row.number,
            matching.columns[index].id,
            fault.text,
            fault.rule,
            cell=cell_name(row.number, index),
            shown=fault.text,
        )
        for index, fault in sorted(row.faults.items())
        # In a column of text any date is a fault, however it is shown.
        if index in matching.columns
        and not (fault.rule == PARTIAL and matching.columns[index].kind in _TEXTS)
    ]
    beyond = [
        cell for index, cell in enumerate(row.cells) if index not in matching.named and not is_blank(cell)
    ]
    if beyond:
        faults.append(fault_of(row.number, "", str(beyond[0]), "extra_cells"))
    return [*faults, *_cell_kinds(matching, row)]


def _cell_kinds(matching: Matching, row: Row) -> Iterator[RowFault]:
    """Yield a fault for each number that the spreadsheet has changed: what was typed there is lost."""
    for index, column in matching.columns.items():
        if column.kind not in _TEXTS or index >= len(row.cells):
            continue
        cell, fault = row.cells[index], row.faults.get(index)
        if fault is not None and fault.rule != PARTIAL:
            continue
        # `datetime` is a `date`, too.
        if isinstance(cell, date | time | timedelta):
            rule = "date_in_text"
        elif isinstance(cell, str) and _ERROR.fullmatch(cell.strip()):
            rule = "cell_error"
        elif _is_changed(column, cell):
            rule = "number_changed"
        else:
            continue
        yield fault_of(row.number, column.id, str(cell), rule, cell=cell_name(row.number, index))
    yield from _two_numbers(matching, row)


def _is_changed(column: Column, cell: Cell) -> bool:
    """Return whether a number or code is what a spreadsheet makes of another: 2E+11, Mar-24, TRUE, more than 15 digits."""
    if column.kind is Kind.TEXT and not column.id.endswith(_NUMBERS_AND_CODES):
        return False
    if isinstance(cell, bool):
        return True
    if isinstance(cell, int | float):
        return abs(cell) >= _EXACT
    return isinstance(cell, str) and _CHANGED.fullmatch(cell.strip()) is not None


def _two_numbers(matching: Matching, row: Row) -> Iterator[RowFault]:
    """Yield a fault where CCCD and CMND in two columns are two numbers of one length: the other one would be lost."""
    if len(matching.old_and_new) < 2:
        return
    found: dict[int, dict[str, int]] = {}
    for index in matching.old_and_new:
        digits = "" if index >= len(row.cells) else _digits(wire(row.cells[index], _OLD_AND_NEW))
        found.setdefault(len(digits), {}).setdefault(digits, index)
    for length, numbers in found.items():
        if length and len(numbers) > 1:
            cells = ", ".join(cell_name(row.number, index) for index in numbers.values())
            column = matching.columns[matching.old_and_new[0]]
            yield fault_of(row.number, column.id, ", ".join(numbers), "two_numbers", cells=cells)


def _digits(value: Value) -> str:
    return "".join(filter(str.isdecimal, str(value)))


def row_values(matching: Matching, row: Row) -> dict[str, Value]:
    """Return the filled cells by column id, as the services take them."""
    values: dict[str, Value] = {}
    for index, column in matching.columns.items():
        # A dash is no decision number and no substance: it would count as one.
        if index < len(row.cells) and not says_nothing(row.cells[index]):
            value = wire(row.cells[index], column.kind)
            # CCCD beside CMND: the twelve digits are the number, the nine are the one that it replaced. A word is no number.
            if column.id in values and len(_digits(value)) <= len(_digits(values[column.id])):
                continue
            values[column.id] = value
    return values


def wire(cell: Cell, kind: Kind) -> Value:
    """Return one cell as JSON.

    Text goes as the clerk wrote it. A number in a column of codes or numbers-as-names becomes its digits, so a
    commune code that Excel holds as 10513.0 is "10513". Excel's own dates become ISO dates.
    """
    # In Python a bool is a number too, so it must be checked before numbers.
    if isinstance(cell, bool):
        return ("yes" if cell else "no") if kind is Kind.FLAG else str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, int | float):
        return cell if kind in _NUMBERS else str(cell)
    if isinstance(cell, datetime):
        return _instant(cell, kind)
    if isinstance(cell, date):
        # A spreadsheet shows the first minute of a day as the day alone.
        return f"{cell.isoformat()} 00:00" if kind is Kind.DATETIME else cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    return str(cell)


def _instant(cell: datetime, kind: Kind) -> str:
    # Excel stores days as binary fractions: 14:30 may come back as 14:29:59.9999.
    rounded = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
    if rounded.time() == time() and (kind not in _WITH_TIME or kind is Kind.MOMENT):
        return rounded.date().isoformat()
    return rounded.isoformat(sep=" ", timespec="seconds" if rounded.second else "minutes")
