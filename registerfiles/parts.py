"""The register on one sheet: which rows are records, what stands around them, and how its columns are read. Pure.

What is left out is told: a note names the rows or columns, and what to do if they were meant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from contracts.forms import Form, Kind, example_mark, is_example, normalise_header, reads_as
from registerfiles.archive import cell_name
from registerfiles.columns import (
    Matching,
    RowFault,
    Value,
    fault_of,
    key_columns,
    match_header,
    row_faults,
    row_values,
)
from registerfiles.failure import ContentError
from registerfiles.judging import Seen, Verdict, columns_to_judge, judge
from registerfiles.layout import Furniture, Header, furniture
from registerfiles.old_text import convert_texts
from registerfiles.percents import as_percent, has_percents
from registerfiles.restoring import Restore, lost_zeros
from registerfiles.rows import PARTIAL, Cell, Place, Row, Sheet, as_header, is_blank
from registerfiles.split_decimals import split_decimals
from texts import Message

HiddenRows = Literal["ask", "take", "leave"]
_MEASURED = frozenset({Kind.DATE, Kind.DATETIME, Kind.BIRTH, Kind.INTEGER, Kind.DECIMAL})
_HEADER_NAMES = 3  # columns that a row must name to be a header


@dataclass(frozen=True, slots=True)
class Choices:
    """What the clerk has said about the file.

    ``ignored`` are headers of columns to leave out, None: whichever the form does not know; ``sheets`` the sheets to read,
    hidden ones too (none: every visible one with the header); ``hidden_rows``: stop, take them, or leave them out.
    """

    ignored: frozenset[str] | None = frozenset()
    sheets: tuple[str, ...] = ()
    hidden_rows: HiddenRows = "ask"


@dataclass(slots=True)
class Part:
    """The register on one sheet. ``notes`` tell what was left out or read otherwise than it stands.

    ``seen`` are the cells of the columns that are judged as a whole, on all sheets of a file.
    """

    form: Form
    sheet: Sheet
    header: Header
    matching: Matching
    choices: Choices
    left_out: dict[int, RowFault] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    seen: Mapping[int, Seen] = field(default_factory=dict)
    stops: list[RowFault] = field(default_factory=list)
    notes: list[RowFault] = field(default_factory=list)
    merged: Mapping[Place, Place] = field(default_factory=dict)
    split: Mapping[int, RowFault] = field(default_factory=dict)
    percents: bool = False
    restores: list[Restore] = field(default_factory=list)
    total: int = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are records, in the order of the sheet, with what their columns prove applied."""
        convert = self.verdict.convert
        for row in islice(self.sheet.lines, self.header.body - 1, None):
            if row.number in self.left_out or row.blank:
                continue
            for index, change in convert.items():
                if index < len(row.cells):
                    row.cells[index] = change(row.cells[index])
            if self.percents:
                as_percent(self.form, self.matching, self.sheet.percent, row)
            for restore in self.restores:
                restore(row)
            yield row

    def values(self, row: Row) -> dict[str, Value | None]:
        """Return the cells of a row as services take them.

        A blank cell clears the value, a column that the file does not have leaves it: so blanks are None.
        """
        blank: dict[str, Value | None] = dict.fromkeys(column.id for column in self.matching.columns.values())
        return {**blank, **row_values(self.matching, row)}

    def faults(self, row: Row) -> list[RowFault]:
        """Return what is wrong with a row as it stands in its file; nothing of it is handed in where there is anything."""
        # Which cells the row has is not known, so nothing else can be said of them.
        if row.number in self.split:
            return [self.split[row.number]]
        return [*row_faults(self.matching, row), *self.merge_faults(row)]

    def merge_faults(self, row: Row) -> list[RowFault]:
        """Return a fault for each blank cell of the row that is merged with a filled one."""
        return [
            fault_of(
                row.number, column.id, None, "merged_cell", cell=cell_name(*place), first=cell_name(*first)
            )
            for index, column in self.matching.columns.items()
            if (first := self.merged.get(place := (row.number, index))) is not None
            and (index >= len(row.cells) or is_blank(row.cells[index]))
        ]


def part_of(
    form: Form,
    sheet: Sheet,
    header: Header,
    note: RowFault | None,
    forms: Mapping[str, Form],
    choices: Choices,
) -> Part:
    """Return the register on a sheet with this header; ``note`` tells how the header was read.

    Raises:
        ContentError: the header has a formula, or lacks columns (`match_header`).
    """
    _no_formula_in(sheet, header)
    matching = match_header(form, header.names, forms, header.first)
    part = Part(form, sheet, header, matching, choices)
    part.merged = _merged(sheet, matching.columns, header)
    if header.first > 1:
        part.notes.append(fault_of(header.first, "", None, "rows_above_header", rows=header.first - 1))
    if note is not None:
        part.notes.append(note)
    _look_through(part, forms.get(form.name, form), old=note is not None)
    _tell_hidden(part)
    _tell_hidden_columns(part)
    _tell_unknown(part)
    part.stops = [replace(each, sheet=sheet.name) for each in (*part.stops, *part.verdict.stops)]
    part.notes = [replace(each, sheet=sheet.name) for each in (*part.notes, *part.verdict.notes)]
    return part


def _no_formula_in(sheet: Sheet, header: Header) -> None:
    for row in islice(sheet.lines, max(header.first - 1, 0), header.last):
        for column, fault in row.faults.items():
            if fault.rule != PARTIAL:
                raise ContentError("formula", cell=cell_name(row.number, column))


def _look_through(part: Part, published: Form, *, old: bool) -> None:
    """Read the sheet once without taking anything: which rows are no records, and what the columns prove.

    ``published`` is the form as it asks for columns: of a list none is required, yet its totals are no people.
    """
    form, matching = part.form, part.matching
    gathered = _Gathered(matching)
    asked = {column.id for column in published.columns if column.required}
    required = [index for index, column in matching.columns.items() if column.required or column.id in asked]
    # A short list has too few columns for a row to be complete: "Cộng | 2 vụ" fills two as well.
    whole = any(column.required for column in form.columns) or len(required) == len(asked)
    key = [index for index, column in matching.columns.items() if column.id in key_columns(form)]
    marked = _mark(form, matching)
    measured = next((index for index in required if matching.columns[index].kind in _MEASURED), None)
    merged: list[RowFault] = []
    signed = False
    for row in islice(part.sheet.lines, part.header.body - 1, None):
        if row.blank:
            continue
        what: Furniture | Literal["example", "header"] | None = (
            None if whole and _complete(row, required) else furniture(row, key, below_signature=signed)
        )
        same_order = _heads_again(part, row, measured)
        if same_order is not None:
            what = "header"
        if same_order is False:
            part.stops.append(fault_of(row.number, "", _words(row), "second_header", number=row.number))
        if marked is not None and _says(row.cells, *marked) and is_example(form, row_values(matching, row)):
            what = "example"
        if what is not None:
            signed = signed or what == "signature"
            part.left_out[row.number] = fault_of(row.number, "", _words(row), f"left_out_{what}")
            continue
        part.total += 1
        gathered.add(row)
        if part.merged:
            merged += part.merge_faults(row)
    part.notes += part.left_out.values()
    if part.sheet.commas:
        records = (
            row
            for row in islice(part.sheet.lines, part.header.body - 1, None)
            if not row.blank and row.number not in part.left_out
        )
        part.split = split_decimals(matching, len(part.header.names), records)
    _judge(part, gathered, old=old)
    part.stops += [
        _unknown_column(form, matching.unknown[index], number, cell)
        for index, (number, cell) in gathered.strange.items()
        if not _ignored(part.choices, matching.unknown[index])
    ]
    if part.stops:
        # A file that must be mended anyway is told all of it at once.
        part.stops += merged


def _heads_again(part: Part, row: Row, measured: int | None) -> bool | None:
    """Return whether a row names the columns once more, in the same order; None for a row that is no header.

    ``measured`` is the position of a column of days or numbers, in which a text without digits is no value.
    """
    if _repeats(part.header, row):
        return True
    text = row.cells[measured] if measured is not None and measured < len(row.cells) else None
    if not isinstance(text, str) or not text.strip() or any(map(str.isdigit, text)):
        return None
    columns = part.matching.columns
    named = {
        index: column
        for index, cell in enumerate(row.cells)
        if isinstance(cell, str) and (column := part.form.header(cell)) is not None
    }
    if len(named) < max(_HEADER_NAMES, len(columns) // 2):
        return None
    return all(columns.get(index) is column for index, column in named.items())


def _repeats(header: Header, row: Row) -> bool:
    """Return whether the row is the header once more, as it stands on every page of a printed register."""
    return len(row.cells) == len(header.names) and all(
        as_header(cell) == name for cell, name in zip(row.cells, header.names, strict=True)
    )


class _Gathered:
    """What the rows of a sheet hold, by column: values to judge, words, and the first value of each unknown column."""

    def __init__(self, matching: Matching) -> None:
        self.seen = columns_to_judge(matching)
        self.texts: dict[int, dict[str, int]] = {index: {} for index in matching.columns}
        self.strange: dict[int, tuple[int, Cell]] = {}
        self._unknown = matching.unknown

    def add(self, row: Row) -> None:
        """Add a record."""
        cells, number = row.cells, row.number
        width = len(cells)
        for index, each in self.seen.items():
            if index < width and cells[index] is not None:
                each.cells.setdefault(cells[index], number)
        for index, found in self.texts.items():
            if index < width and isinstance(cell := cells[index], str) and not cell.isascii():
                found.setdefault(cell, number)
        for index in self._unknown:
            if index not in self.strange and index < width and not is_blank(cells[index]):
                self.strange[index] = (number, cells[index])


def _complete(row: Row, required: Sequence[int]) -> bool:
    cells = row.cells
    width = len(cells)
    return all(index < width and cells[index] not in (None, "") for index in required)


def _judge(part: Part, gathered: _Gathered, *, old: bool) -> None:
    part.verdict = judge(part.form, gathered.seen)
    part.seen = gathered.seen
    convert_texts(part.matching, gathered.texts, part.verdict, old=old)
    part.percents = bool(part.sheet.percent) or has_percents(gathered.seen)
    part.restores = lost_zeros(part.matching, part.sheet.lines, part.left_out, part.header.body)
    part.notes += (restore.note() for restore in part.restores)


def _ignored(choices: Choices, header: str) -> bool:
    if choices.ignored is None:
        return True
    return normalise_header(header) in {normalise_header(text) for text in choices.ignored}


def _mark(form: Form, matching: Matching) -> tuple[int, frozenset[str]] | None:
    name, texts = example_mark(form)
    return next(((index, texts) for index, column in matching.columns.items() if column.id == name), None)


def _says(cells: Sequence[Cell], index: int, texts: frozenset[str]) -> bool:
    return index < len(cells) and reads_as(cells[index], texts)


def _words(row: Row) -> str:
    return " | ".join(str(cell).strip() for cell in row.cells if not is_blank(cell))


def _unknown_column(form: Form, text: str, number: int, cell: Cell) -> RowFault:
    like = form.nearest(text)
    if like is None:
        return fault_of(number, text, str(cell), "unknown_column_filled", header=text)
    return fault_of(
        number, text, str(cell), "unknown_column_like", header=text, like=Message(f"“{like.vi}”", like.id)
    )


def _tell_unknown(part: Part) -> None:
    """Note the columns that are left out: without a value, or because the clerk says so."""
    part.notes += part.matching.unknown_faults(part.header.first)


def _tell_hidden_columns(part: Part) -> None:
    hidden = [
        column.vi for index, column in part.matching.columns.items() if index in part.sheet.hidden_columns
    ]
    if hidden:
        names = ", ".join(f"“{name}”" for name in hidden)
        part.notes.append(fault_of(part.header.first, "", None, "hidden_columns", columns=names))


def _tell_hidden(part: Part) -> None:
    rows = [number for number in sorted(part.sheet.hidden_rows) if number >= part.header.body]
    hidden = (
        [
            row.number
            for row in part.sheet.lines
            if row.number in part.sheet.hidden_rows and row.number >= part.header.body and not row.blank
        ]
        if rows
        else []
    )
    hidden = [number for number in hidden if number not in part.left_out]
    if not hidden:
        return
    told = ", ".join(map(str, hidden[:10])) + (" …" if len(hidden) > 10 else "")
    rule = {"ask": "hidden_rows", "take": "hidden_rows_taken", "leave": "hidden_rows_left"}[
        part.choices.hidden_rows
    ]
    fault = fault_of(hidden[0], "", None, rule, count=len(hidden), rows=told)
    if part.choices.hidden_rows == "ask":
        part.stops.append(fault)
        return
    part.notes.append(fault)
    if part.choices.hidden_rows == "leave":
        part.total -= len(hidden)
        part.left_out |= dict.fromkeys(hidden, fault)


def _merged(sheet: Sheet, columns: Iterable[int], header: Header) -> dict[Place, Place]:
    """Return the cells of known columns that are merged with another one, with the cell that holds the value."""
    known = set(columns)
    return {
        (row, column): merge.first
        for merge in sheet.merges
        if merge.first[0] >= header.body
        # A merge may reach to the last row of the sheet, far below the last record.
        for row in range(merge.first[0], min(merge.last[0], sheet.total) + 1)
        for column in known
        if merge.first[1] <= column <= merge.last[1] and (row, column) != merge.first
    }
