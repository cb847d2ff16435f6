"""Match the columns of a file with those of the form, and convert cells to the values that services take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from contracts.forms import Column, Form, Kind
from khopso.failure import ContentError
from khopso.registers.archive import cell_name
from khopso.registers.rows import Cell, Row, Source, is_blank
from texts import Message, message

Value = str | int | float | bool
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_WITH_TIME = frozenset({Kind.DATETIME, Kind.MOMENT})
_MAX_ECHO = 200


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault as `khopso import` reports it: spreadsheet row, field, value, rule, texts."""

    row: int
    field: str
    value: Any
    rule: str
    message: Message

    def document(self) -> dict[str, Any]:
        """Return one entry of `refused` in the JSON answer."""
        text = {"vi": self.message.vi, "en": self.message.en}
        return {"row": self.row, "field": self.field, "value": self.value, "rule": self.rule, "message": text}


@dataclass(frozen=True, slots=True)
class Matching:
    """The columns of a file that the form knows, by position, and faults of the header that stop nothing.

    `named` are the positions that have any header text.
    """

    columns: Mapping[int, Column]
    unknown: tuple[RowFault, ...]
    named: frozenset[int]


def match_header(form: Form, source: Source, forms: Mapping[str, Form]) -> Matching:
    """Find the form's columns in the header.

    Raises:
        FailureError (exit 1): no header, another form's header, a column twice, a required column missing.
    """
    named = {index: form.header(text) for index, text in enumerate(source.header) if text.strip()}
    columns = {index: column for index, column in named.items() if column is not None}
    if not columns:
        raise _not_this_form(form, source.header, forms)
    seen: set[str] = set()
    for index, column in columns.items():
        if column.id in seen:
            raise _header_faults([_fault(1, column.id, source.header[index], "duplicate_column")])
        seen.add(column.id)
    missing = [column for column in _needed(form, seen) if column.id not in seen]
    if missing:
        better = _best_form(source.header, forms)
        # The clerk has probably chosen the wrong file or form; this message helps more than a list of missing columns.
        if better is not None and better.name != form.name and _hits(better, source.header) > len(columns):
            raise _not_this_form(form, source.header, forms)
        raise _header_faults(
            [
                _fault(1, column.id, None, "missing_column", column=Message(column.vi, column.id))
                for column in missing
            ]
        )
    unknown = tuple(
        _fault(1, source.header[index], source.header[index], "unknown_column")
        for index, column in named.items()
        if column is None
    )
    return Matching(columns, unknown, frozenset(named))


def _needed(form: Form, seen: set[str]) -> list[Column]:
    """Return the required columns; in a file that can withdraw rows only those of the key, as withdrawals need no others."""
    keys = {part for key in form.key if "|" not in key for part in key.split("+")}
    return [
        column for column in form.columns if column.required and ("void" not in seen or column.id in keys)
    ]


def _hits(form: Form, header: list[str]) -> int:
    return len({found.id for text in header if text.strip() and (found := form.header(text)) is not None})


def _best_form(header: list[str], forms: Mapping[str, Form]) -> Form | None:
    best = max(forms.values(), key=lambda form: _hits(form, header), default=None)
    # Two forms may share one or two columns by chance, so at least three must match.
    return best if best is not None and _hits(best, header) >= 3 else None


def _not_this_form(form: Form, header: list[str], forms: Mapping[str, Form]) -> ContentError:
    other = _best_form(header, forms)
    if other is not None and other.name != form.name:
        return ContentError(
            "header_other_form", form=form.name, other=other.name, name=Message(other.vi, other.en)
        )
    return ContentError("header_missing", form=Message(form.vi, form.en))


class HeaderError(ContentError):
    """The header cannot be used; `faults` has one entry per column at fault."""

    def __init__(self, faults: list[RowFault]) -> None:
        super().__init__(faults[0].rule, column=faults[0].field)
        self.details = tuple(f"{fault.field}: {fault.message}" for fault in faults)
        self.faults = faults
        self.text = faults[0].message


def _header_faults(faults: list[RowFault]) -> HeaderError:
    return HeaderError(faults)


def _fault(row: int, field: str, value: Any, rule: str, **parts: object) -> RowFault:
    # A fault repeats the value in messages and workbooks, so a long text is cut.
    echoed = value[:_MAX_ECHO] if isinstance(value, str) else value
    return RowFault(row, field, echoed, rule, message(rule, **parts))


def row_faults(matching: Matching, row: Row) -> list[RowFault]:
    """Return what is wrong with the cells as cells: formulas and spreadsheet errors in known columns, values beyond them."""
    faults = [
        _fault(
            row.number, matching.columns[index].id, fault.text, fault.rule, cell=cell_name(row.number, index)
        )
        for index, fault in sorted(row.faults.items())
        if index in matching.columns
    ]
    beyond = [
        cell for index, cell in enumerate(row.cells) if index not in matching.named and not is_blank(cell)
    ]
    if beyond:
        faults.append(_fault(row.number, "", str(beyond[0]), "extra_cells"))
    return faults


def row_values(matching: Matching, row: Row) -> dict[str, Value]:
    """Return the filled cells by column id, as the services take them."""
    return {
        column.id: wire(row.cells[index], column.kind)
        for index, column in matching.columns.items()
        if index < len(row.cells) and not is_blank(row.cells[index])
    }


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
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    return str(cell)


def _instant(cell: datetime, kind: Kind) -> str:
    # Excel stores days as binary fractions: 14:30 may come back as 14:29:59.9999.
    rounded = (cell + timedelta(milliseconds=500)).replace(microsecond=0)
    if rounded.time() == time() and (kind not in _WITH_TIME or kind is Kind.MOMENT):
        return rounded.date().isoformat()
    return rounded.isoformat(sep=" ", timespec="seconds" if rounded.second else "minutes")
