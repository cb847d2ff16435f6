"""Columns judged as columns: what no single cell tells about how its column was written. Pure.

The order of day and month and the sign of decimals hold for a whole column: where its cells contradict each other, no
row of it can be trusted. What the column proves (a decimal point, a lost zero) is read so, and told.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from contracts.forms import Column, Form, Kind
from khopso.registers.archive import cell_name
from khopso.registers.columns import Matching, RowFault, fault_of, key_columns
from khopso.registers.rows import Cell
from reference import digits_only

Convert = Callable[[Cell], Cell]
_DATES = frozenset({Kind.DATE, Kind.DATETIME, Kind.MOMENT, Kind.BIRTH})
_TWO_PARTS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(?:\d{4}|\d{2})(?:[ T].*)?", re.ASCII)
_YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}-(\d{1,2})(?:[ T].*)?", re.ASCII)
_DOTTED = re.compile(r"[+-]?\d+\.\d+", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+", re.ASCII)
_PADDED = re.compile(r"0\d+", re.ASCII)
_SHOWN = 5
_MONTHS = 12


@dataclass(slots=True)
class Seen:
    """The different cells of one column, each with the row where it stands first."""

    column: Column
    index: int
    cells: dict[Cell, int] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """What the columns of a sheet prove.

    ``stops`` are contradictions that only a person can resolve; ``notes`` tell what was read otherwise than it stands;
    ``convert`` reads the cells of a column, by position.
    """

    stops: list[RowFault] = field(default_factory=list)
    notes: list[RowFault] = field(default_factory=list)
    convert: dict[int, Convert] = field(default_factory=dict)


def columns_to_judge(matching: Matching) -> dict[int, Seen]:
    """Return a place to gather the cells of each column that can only be judged as a whole."""
    kinds = {*_DATES, Kind.DECIMAL, Kind.TEXT, Kind.COMMUNE}
    return {
        index: Seen(column, index)
        for index, column in matching.columns.items()
        if (column.kind in kinds and column.id != "recorded_on") or column.kind in _DATES
    }


def judge(form: Form, seen: Mapping[int, Seen]) -> Verdict:
    """Return what the columns of a sheet prove and where they contradict themselves."""
    verdict = Verdict()
    keys = key_columns(form)
    for each in seen.values():
        if each.column.kind in _DATES:
            _dates(each, verdict)
        elif each.column.kind is Kind.DECIMAL:
            _decimals(each, verdict)
        elif each.column.kind is Kind.COMMUNE:
            _communes(each, verdict)
        elif each.column.id in keys:
            _numbers(each, verdict)
    return verdict


def _places(seen: Seen, cells: list[Cell]) -> str:
    names = [cell_name(seen.cells[cell], seen.index) for cell in cells]
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _dates(seen: Seen, verdict: Verdict) -> None:
    """Judge the order of day and month: where half of a column was swapped by a spreadsheet of another country, or both orders
    stand in it, no row can be trusted.

    A spreadsheet that expects the month first makes a real date of 02/05 (5 February for it) and leaves 13/02 as text:
    the real dates then all have days up to 12, and the texts all have days after it.
    """
    texts = {
        cell: found
        for cell in seen.cells
        if isinstance(cell, str) and (found := _TWO_PARTS.fullmatch(cell.strip()))
    }
    day_first: list[Cell] = [
        cell for cell, found in texts.items() if int(found[1]) > _MONTHS >= int(found[2])
    ]
    month_first: list[Cell] = [
        cell for cell, found in texts.items() if int(found[2]) > _MONTHS >= int(found[1])
    ]
    real = {cell: day for cell in seen.cells if (day := _day(cell)) is not None}
    if month_first:
        rule = "dates_both_orders" if day_first else "dates_month_first"
        verdict.stops.append(_told(seen, month_first, rule))
    elif day_first and real and max(real.values()) <= _MONTHS:
        if len(day_first) == len(texts):
            verdict.stops.append(_told(seen, [*real], "dates_swapped"))
        elif len(real) > 1:
            # Texts of days up to the 12th stand there as well, so not every such day was made a real date.
            verdict.notes.append(_told(seen, [*real], "dates_perhaps_swapped"))


def _day(cell: Cell) -> int | None:
    """Return the day of the month of a real date, or of one that a program has written as such (2024-05-02)."""
    if isinstance(cell, date):
        return cell.day
    found = _YEAR_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return int(found[1]) if found else None


def _told(seen: Seen, cells: list[Cell], rule: str) -> RowFault:
    first = cells[0]
    shown = first.strftime("%d/%m/%Y") if isinstance(first, date | datetime) else str(first)
    return fault_of(
        seen.cells[first], seen.column.id, shown, rule, column=seen.column.vi, cells=_places(seen, cells)
    )


def _decimals(seen: Seen, verdict: Verdict) -> None:
    """Judge the decimal sign: ``0.350`` and ``12.5`` prove a point, so ``1.250`` beside them is no thousand."""
    texts = [text for cell in seen.cells if isinstance(cell, str) and (text := cell.strip())]
    raw = {text: cell for cell in seen.cells if isinstance(cell, str) and (text := cell.strip())}
    point = [text for text in texts if _DOTTED.fullmatch(text) and not _DOT_GROUPS.fullmatch(text)]
    point += [text for text in texts if "." in text and _COMMA_GROUPS.fullmatch(text)]
    groups = [text for text in texts if _DOT_GROUPS.fullmatch(text)]
    comma = [text for text in texts if _COMMA_DECIMAL.fullmatch(text) and not _COMMA_GROUPS.fullmatch(text)]
    comma += [text for text in texts if "." in text and _COMMA_DECIMAL.fullmatch(text) and "," in text]
    thousands = [text for text in groups if text.count(".") > 1]
    against = comma or thousands
    if point and against and (groups or comma):
        verdict.stops.append(_told(seen, [raw[against[0]], raw[point[0]]], "decimals_both_signs"))
        return
    changed = [text for text in texts if _DOT_GROUPS.fullmatch(text) or _COMMA_GROUPS.fullmatch(text)]
    if point and changed:
        verdict.convert[seen.index] = _with_point
        first = raw[changed[0]]
        verdict.notes.append(
            fault_of(
                seen.cells[first],
                seen.column.id,
                first,
                "decimals_point",
                column=seen.column.vi,
                cells=_places(seen, [raw[text] for text in changed]),
                proof=point[0],
            )
        )


def _with_point(cell: Cell) -> Cell:
    """Return the number with a comma for its decimals, as services read it: 1.250 → 1,250; 1,234.5 → 1234,5."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if _DOTTED.fullmatch(text) or _COMMA_GROUPS.fullmatch(text):
        return text.replace(",", "").replace(".", ",")
    return cell


_COMMUNE_DIGITS = 5


def _communes(seen: Seen, verdict: Verdict) -> None:
    """Restore the zeros that a spreadsheet took from codes of communes: they have five digits, all of them."""
    short = [
        cell
        for cell in seen.cells
        if isinstance(cell, int | float) and 100 <= cell < 10 ** (_COMMUNE_DIGITS - 1)
    ]
    if short:
        verdict.convert[seen.index] = _five_digits
        verdict.notes.append(_restored(seen, [*short]))


def _five_digits(cell: Cell) -> Cell:
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and float(cell).is_integer()
        and cell >= 100
    ):
        return str(int(cell)).zfill(_COMMUNE_DIGITS)
    return cell


def _restored(seen: Seen, cells: list[Cell]) -> RowFault:
    first = cells[0]
    return fault_of(
        seen.cells[first],
        seen.column.id,
        str(first),
        "zeros_restored",
        column=seen.column.vi,
        cells=_places(seen, cells),
    )


def _numbers(seen: Seen, verdict: Verdict) -> None:
    """Restore the zeros of record numbers that a spreadsheet holds as numbers where their column proves them; else tell.

    007 is 7 in a spreadsheet, and another record here. Where the numbers that stayed text all have one length, and zeros in
    front, shorter ones have lost theirs.
    """
    numbers = [cell for cell in seen.cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
    if not numbers:
        return
    lengths = {
        len(text) for cell in seen.cells if isinstance(cell, str) and digits_only(text := cell.strip())
    }
    zeros = any(isinstance(cell, str) and _PADDED.fullmatch(cell.strip()) for cell in seen.cells)
    length = lengths.pop() if zeros and len(lengths) == 1 else 0
    short = [cell for cell in numbers if _padded(cell, length) != cell]
    if short:
        verdict.convert[seen.index] = partial(_padded, length=length)
        verdict.notes.append(_restored(seen, [*short]))
    else:
        first = numbers[0]
        verdict.notes.append(
            fault_of(
                seen.cells[first],
                seen.column.id,
                f"{first:g}",
                "key_is_number",
                column=seen.column.vi,
                cells=_places(seen, [*numbers]),
            )
        )


def _padded(cell: Cell, length: int) -> Cell:
    """Return a number of fewer digits with zeros in front."""
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and float(cell).is_integer()
        and cell >= 0
    ):
        digits = str(int(cell))
        return digits.zfill(length) if len(digits) < length else cell
    return cell
