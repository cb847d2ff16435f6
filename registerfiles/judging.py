"""Columns judged as columns: what no single cell tells about how its column was written. Pure.

The order of day and month and the sign of decimals hold for a whole column: where its cells contradict each other, no
row of it can be trusted. What the column proves (a decimal point, a lost zero) is read so, and told.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from contracts.forms import Column, Form, Kind
from reference import digits_only, fold
from registerfiles.archive import cell_name
from registerfiles.columns import Matching, RowFault, fault_of, key_columns, wire
from registerfiles.rows import Cell, is_number

Convert = Callable[[Cell], Cell]
DATES = frozenset({Kind.DATE, Kind.DATETIME, Kind.MOMENT, Kind.BIRTH})
_TWO_PARTS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(?:\d{4}|\d{2})(?:[ T].*)?", re.ASCII)
_YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}-(\d{1,2})(?:[ T].*)?", re.ASCII)
_DOTTED_SHORT = re.compile(r"[+-]?\d*\.\d+", re.ASCII)
_UNIT = re.compile(r"\s*(?:%|g|gam|gr|gram|mg|kg)\.?$", re.IGNORECASE)
_DOTTED = re.compile(r"[+-]?\d+\.\d+", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+", re.ASCII)
_DAY_MONTH_YEAR = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", re.ASCII)
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_PADDED = re.compile(r"0\d+", re.ASCII)
_SHOWN = 5
_MONTHS = 12
SWAPPED = "dates_swapped"
_THOUSAND = 1000


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
    kinds = {*DATES, Kind.DECIMAL, Kind.TEXT, Kind.COMMUNE}
    return {
        index: Seen(column, index)
        for index, column in matching.columns.items()
        if (column.kind in kinds and column.id != "recorded_on") or column.kind in DATES
    }


def judge(form: Form, seen: Mapping[int, Seen]) -> Verdict:
    """Return what the columns of a sheet prove and where they contradict themselves."""
    verdict = Verdict()
    keys = key_columns(form)
    for each in seen.values():
        if each.column.kind in DATES:
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


@dataclass(frozen=True, slots=True)
class Days:
    """How the days of a column are written: texts that show which of day and month stands first, and real dates by day.

    ``texts`` is how many texts have two parts and a year, whatever they show.
    """

    day_first: list[Cell]
    month_first: list[Cell]
    texts: int
    real: Mapping[Cell, int]


def days_of(seen: Seen) -> Days:
    """Return how the days of a column are written."""
    texts = {
        cell: (int(found[1]), int(found[2]))
        for cell in seen.cells
        if isinstance(cell, str) and (found := _TWO_PARTS.fullmatch(cell.strip()))
    }
    real: dict[Cell, int] = {cell: cell.day for cell in seen.cells if isinstance(cell, date)}
    return Days(
        [cell for cell, (first, second) in texts.items() if first > _MONTHS >= second],
        [cell for cell, (first, second) in texts.items() if second > _MONTHS >= first],
        len(texts),
        # A spreadsheet exchanges day and month of its own dates alone; a file of text has those that it wrote.
        real or {cell: day for cell in seen.cells if (day := _day_written(cell)) is not None},
    )


def swapped(columns: Sequence[Days]) -> str | None:
    """Return the rule that a column breaks, on one sheet or more, whose day and month a spreadsheet may have exchanged.

    A spreadsheet that expects the month first makes a real date of 02/05 (5 February for it) and leaves 13/02 as text:
    the real dates then all have days up to 12, and the texts all have days after it.
    """
    days = [day for each in columns for day in each.real.values()]
    after = sum(len(each.day_first) for each in columns)
    if not days or not after or max(days) > _MONTHS:
        return None
    if after == sum(each.texts for each in columns):
        return SWAPPED
    # Texts of days up to the 12th stand there as well, so not every such day was made a real date.
    return "dates_perhaps_swapped" if len(days) > 1 else None


def _dates(seen: Seen, verdict: Verdict) -> None:
    """Judge the order of day and month: where half of a column is swapped, or both orders stand in it, no row can be trusted."""
    days = days_of(seen)
    if days.month_first:
        rule = "dates_both_orders" if days.day_first else "dates_month_first"
        verdict.stops.append(told(seen, days.month_first, rule))
    elif (rule_broken := swapped([days])) is not None:
        tell_swapped(seen, days, rule_broken, verdict)


def tell_swapped(seen: Seen, days: Days, rule: str, verdict: Verdict) -> None:
    """Add what `swapped` has found of a column to the verdict on its sheet."""
    (verdict.stops if rule == SWAPPED else verdict.notes).append(told(seen, [*days.real], rule))


def _day_written(cell: Cell) -> int | None:
    """Return the day of the month of a date that a program has written as such (2024-05-02)."""
    found = _YEAR_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return int(found[1]) if found else None


def told(seen: Seen, cells: list[Cell], rule: str) -> RowFault:
    """Return a fault of a column that names these cells of it."""
    first = cells[0]
    shown = first.strftime("%d/%m/%Y") if isinstance(first, date | datetime) else str(first)
    return fault_of(
        seen.cells[first], seen.column.id, shown, rule, column=seen.column.vi, cells=_places(seen, cells)
    )


@dataclass(frozen=True, slots=True)
class Signs:
    """Which texts of a column of numbers show what its decimal sign is, each as it is written in its cell.

    ``point`` proves a point (``0.350``, ``12.5``), ``comma`` a comma, ``thousands`` points between groups; ``either`` are
    those that can be read both ways (``1.250``, ``1,250``).
    """

    point: list[str]
    comma: list[str]
    thousands: list[str]
    either: list[str]

    @property
    def against(self) -> list[str]:
        """Return the texts that a decimal point contradicts."""
        return self.comma or self.thousands


def signs_of(seen: Seen) -> Signs:
    """Return what the texts of a column say of its decimal sign."""
    # A number with its unit is refused, but what it shows of the sign holds for the column.
    raw = {
        text: cell for cell in seen.cells if isinstance(cell, str) and (text := _UNIT.sub("", cell.strip()))
    }
    point, comma, thousands, either = [], [], [], []
    for text, cell in raw.items():
        groups, mixed = _DOT_GROUPS.fullmatch(text), "." in text
        if (groups or _COMMA_GROUPS.fullmatch(text)) and text == cell.strip():
            either.append(cell)
        if groups and text.count(".") > 1:
            thousands.append(cell)
        if (_DOTTED_SHORT.fullmatch(text) and not groups) or (mixed and _COMMA_GROUPS.fullmatch(text)):
            point.append(cell)
        if _COMMA_DECIMAL.fullmatch(text) and (mixed or not _COMMA_GROUPS.fullmatch(text)):
            comma.append(cell)
    return Signs(point, comma, thousands, either)


def _decimals(seen: Seen, verdict: Verdict) -> None:
    """Judge the decimal sign: ``0.350`` and ``12.5`` prove a point, so ``1.250`` beside them is no thousand."""
    signs = signs_of(seen)
    if signs.point and signs.against:
        verdict.stops.append(told(seen, [signs.against[0], signs.point[0]], "decimals_both_signs"))
        return
    if signs.point and signs.either:
        read_points(seen, signs, verdict, signs.point[0])
    large = [cell for cell in seen.cells if _is_large(cell)]
    written = signs.point or signs.comma
    fractions = [cell for cell in seen.cells if is_number(cell) and cell != int(cell)]
    if fractions and signs.either and not written:
        _tell_either(seen, signs, fractions[0], verdict)
    if large and written:
        first = large[0]
        verdict.notes.append(
            fault_of(
                seen.cells[first],
                seen.column.id,
                str(first).removesuffix(".0"),
                "numbers_beside_texts",
                column=seen.column.vi,
                cells=_places(seen, large),
                text=written[0].strip(),
            )
        )


def _tell_either(seen: Seen, signs: Signs, fraction: Cell, verdict: Verdict) -> None:
    """Tell how texts were read that may be thousands or decimals, where the numbers beside them have decimals without a sign."""
    groups = [cell for cell in signs.either if _DOT_GROUPS.fullmatch(cell.strip())]
    if groups:
        number = str(fraction).replace(".", ",")
        places = _places(seen, [*groups])
        verdict.notes.append(
            fault_of(
                seen.cells[groups[0]],
                seen.column.id,
                groups[0],
                "texts_beside_decimals",
                column=seen.column.vi,
                cells=places,
                number=number,
            )
        )


def read_points(seen: Seen, signs: Signs, verdict: Verdict, proof: str) -> None:
    """Have the numbers of a column that can be read both ways read with a decimal point, as ``proof`` shows, and told."""
    changed: list[Cell] = [*signs.either]
    verdict.convert[seen.index] = _with_point
    first = changed[0]
    verdict.notes.append(
        fault_of(
            seen.cells[first],
            seen.column.id,
            first,
            "decimals_point",
            column=seen.column.vi,
            cells=_places(seen, changed),
            proof=proof.strip(),
        )
    )


def _is_large(cell: Cell) -> bool:
    """Return whether a number may be decimals whose sign was read as that of thousands: 1250 of 1.250."""
    return is_number(cell) and cell >= _THOUSAND and cell == int(cell)


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
    short = [cell for cell in seen.cells if is_number(cell) and 100 <= cell < 10 ** (_COMMUNE_DIGITS - 1)]
    if short:
        verdict.convert[seen.index] = _five_digits
        verdict.notes.append(_restored(seen, [*short]))


def _five_digits(cell: Cell) -> Cell:
    if is_number(cell) and float(cell).is_integer() and cell >= 100:
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
    numbers = [cell for cell in seen.cells if is_number(cell)]
    _tell_dates(seen, verdict)
    if not numbers:
        _tell_zeros(seen, verdict)
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
                str(wire(first, Kind.TEXT)),
                "key_is_number",
                column=seen.column.vi,
                cells=_places(seen, [*numbers]),
            )
        )


def _tell_dates(seen: Seen, verdict: Verdict) -> None:
    """Tell of dates among numbers that are none: a program may have written 03/2024 as 2024-03-01. All may be a way to number."""
    dates: list[Cell] = [
        cell for cell in seen.cells if isinstance(cell, str) and _DAY_MONTH_YEAR.fullmatch(cell.strip())
    ]
    if dates and len(dates) < len(seen.cells):
        verdict.notes.append(told(seen, dates, "number_like_date"))


def _tell_zeros(seen: Seen, verdict: Verdict) -> None:
    """Tell of numbers that differ in nothing but leading zeros, as 7 beside 007: they are two records."""
    spelt: dict[str, dict[str, Cell]] = {}
    for cell in seen.cells:
        if isinstance(cell, str) and any(map(str.isdecimal, text := cell.strip())):
            spelt.setdefault(_LEADING_ZEROS.sub("", fold(text)), {}).setdefault(fold(text), cell)
    twice = [each for each in spelt.values() if len(each) > 1]
    if twice:
        numbers = ", ".join(str(cell).strip() for each in twice[:_SHOWN] for cell in each.values())
        more = " …" if len(twice) > _SHOWN else ""
        first = next(iter(twice[0].values()))
        verdict.notes.append(
            fault_of(
                seen.cells[first],
                seen.column.id,
                first,
                "zeros_differ",
                column=seen.column.vi,
                numbers=numbers + more,
            )
        )


def _padded(cell: Cell, length: int) -> Cell:
    """Return a number of fewer digits with zeros in front."""
    if is_number(cell) and float(cell).is_integer() and cell >= 0:
        digits = str(int(cell))
        return digits.zfill(length) if len(digits) < length else cell
    return cell
