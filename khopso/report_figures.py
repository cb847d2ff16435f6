"""Compare the figures of a report with the closing that it names. Pure: it reads two documents and no network.

A JSON report is checked in its cells, which programs read, and in its tables and sentences, which people read; a CSV
report is checked row by row. Words, days in sentences and figures that the closing does not contain cannot be compared;
they are protected only by the office's statement about the whole file (``proof.publication``).
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from proof import Document, Finding, damage_of, read_json
from reference import FIGURES

_NUMBERS = ("number", "percent", "change")
_TENTH = Decimal("0.1")
_MASSES = {"": 1, "gam": 1, "kg": 1_000}
"""What a printed number counts in, in grams; without a unit it is the number itself."""
_BOM = b"\xef\xbb\xbf"
_HEAD = b"report,table,figure,"
_BAD = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)

Key = tuple[str, str, str]
"""Figure, dimension and row; both empty for a total."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The content of a closing: its values as a report prints them, its area and its days."""

    area: str
    first: str
    last: str
    values: Mapping[Key, Decimal | None]
    versions: Mapping[str, str]

    def value(self, key: Key) -> Decimal | None:
        """Return the closed value; a ratio's is made of its two, as a report does it. None: no value, or not closed."""
        code, by, row = key
        figure = FIGURES.get(code)
        if figure is None or figure.kind != "ratio":
            return self.values.get(key)
        parts = [self.values.get((part or "", by, row)) for part in (figure.numerator, figure.denominator)]
        return _share(*parts)


def compare(data: bytes, closing: Document) -> list[Finding] | None:
    """Return every figure of a report's bytes that is not the closed one; None for a format that holds no figures to read."""
    try:
        if data.removeprefix(_BOM).startswith(_HEAD):
            rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
            numbers = (row for row in rows if not str(row["report"]).startswith("#"))
            return list(_cells(numbers, closed_values(closing)))
        if not data.startswith(b"{"):
            return None
        document = read_json(data)
        if "cells" not in document:
            return None
        return list(unlike(document, closed_values(closing)))
    except _BAD as damaged:
        return [damage_of(damaged)]


def unlike(report: Mapping[str, Any], closed: Closed) -> Iterator[Finding]:
    """Yield every figure of a JSON report that is not the closed one, where programs read it and where people do."""
    yield from _cells(report["cells"], closed)
    yield from _printed(report, closed)


def closed_values(closing: Document) -> Closed:
    """Return what a closing says, ready to be compared with."""
    values = {
        (cell["figure"], cell["by"] or "", cell["row"] or ""): _exact(cell["value"])
        for cell in closing["cells"]
    }
    versions = {cell["figure"]: cell["definition"] for cell in closing["cells"]}
    return Closed(closing["area"], closing["from"], closing["to"], values, versions)


def _exact(value: object) -> Decimal | None:
    """Return a number of either document; None for no value, a dash or a suppressed number."""
    if value is None or value in ("", "*", "–"):
        return None
    if isinstance(value, bool):
        raise TypeError("a truth value is no number")
    return Decimal(str(value))


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return a percentage as reports print it: rounded half up to one decimal; None without a base."""
    if part is None or not whole:
        return None
    return (part * 100 / whole).quantize(_TENTH, ROUND_HALF_UP)


def _is(found: Decimal | None, expected: Decimal | None) -> bool:
    """Return whether two numbers are equal, or are the same floating-point number, as programs read decimals."""
    if found is None or expected is None:
        return found is expected
    return found == expected or (found % 1 != 0 and float(found) == float(expected))


def _wrong(place: str, found: object, expected: object) -> Finding:
    said = {name: "–" if it is None else it for name, it in (("found", found), ("expected", expected))}
    return Finding("closing_figure_changed", {"place": place, **said})


def _cells(cells: Iterator[Any] | Sequence[Any], closed: Closed) -> Iterator[Finding]:
    """Yield the cells of a JSON report whose value, area, time or definition is not the closed one."""
    for cell in cells:
        figure, by, row = (str(cell[name] or "") for name in ("figure", "by", "row"))
        place = " ".join(part for part in (figure, by, row) if part)
        times = tuple(cell.get(name) or None for name in ("as_of", "from", "to"))
        allowed = ((closed.last, None, None), (None, closed.first, closed.last))
        if times not in allowed:
            yield _wrong(place, "/".join(filter(None, times)), f"{closed.first}/{closed.last}")
        if str(cell["area"]) != closed.area:
            yield _wrong(place, cell["area"], closed.area)
        if figure in closed.versions and cell["definition"] != closed.versions[figure]:
            yield _wrong(place, cell["definition"], closed.versions[figure])
        yield from _value(place, (figure, by, row), _exact(cell["value"]), closed)


def _value(place: str, key: Key, found: Decimal | None, closed: Closed) -> Iterator[Finding]:
    expected = closed.value(key)
    # A row that the closing does not contain must be printed as zero, or not at all.
    if not _is(found, expected) and (found or key in closed.values):
        yield _wrong(place, found, expected)


def _printed(document: Mapping[str, Any], closed: Closed) -> Iterator[Finding]:
    """Yield the numbers in tables and sentences of a JSON report that are not the closed ones."""
    notes = {note["number"]: note for note in document["notes"]}
    blocks = [*document["body"], *(block for annex in document["annexes"] for block in annex["blocks"])]
    for block in blocks:
        if block["type"] == "table" and block["by"] != "revision":  # those are numbers of after the closing
            yield from _table(block, notes, closed)
        elif block["type"] == "paragraph":
            yield from _sentence(block["runs"], notes, closed)


def _table(table: Mapping[str, Any], notes: Mapping[int, Any], closed: Closed) -> Iterator[Finding]:
    columns = table["columns"]
    kinds = [column["kind"] for column in columns]
    for row in table["rows"]:
        for at, (column, cell) in enumerate(zip(columns, row["cells"], strict=True)):
            if column["kind"] not in _NUMBERS:
                continue
            place = f"{table['title']}: {row['key']}, {column['title']}"
            found = _exact(cell["value"])
            if not _is(_read(cell["shown"]), found):
                yield _wrong(place, cell["shown"], found)
            if cell["formula"] is not None and not _is(found, _computed(cell["formula"], table["rows"])):
                yield _wrong(place, found, _computed(cell["formula"], table["rows"]))
            if column["figure"] and row["kind"] in ("data", "unattributed", "total"):
                total = row["kind"] == "total"
                key = (column["figure"], "" if total else table["by"], "" if total else row["key"])
                yield from _value(place, key, found, closed)
            elif table["by"] == "figure" and at == kinds.index("number"):
                yield from _value(place, (row["key"], "", ""), found, closed)
            elif table["by"] == "figure" and column["kind"] == "percent":
                marks = [other["note"] for other in row["cells"] if other["note"] in notes]
                if found is not None and not (marks and _may_be(found, notes[marks[0]], closed)):
                    yield _wrong(place, found, None)


def _computed(formula: Mapping[str, Any], rows: Sequence[Any]) -> Decimal | None:
    parts = [_exact(rows[row]["cells"][column]["value"]) or Decimal() for row, column in formula["cells"]]
    if formula["op"] == "percent":
        return _share(*parts)
    return sum(parts, Decimal()) if formula["op"] == "sum" else parts[0] - sum(parts[1:], Decimal())


def _sentence(runs: Sequence[Any], notes: Mapping[int, Any], closed: Closed) -> Iterator[Finding]:
    """Yield the wrong numbers of a sentence: marked figures, and the percentage after one, whose base its note names."""
    last: Mapping[str, Any] | None = None
    for run in runs:
        if run["type"] != "number":
            continue
        found, place = _exact(run["value"]), f"“{run['shown']}”"
        if not _is(_read(run["shown"]), found):
            yield _wrong(place, run["shown"], found)
        if run["note"] is not None:
            last = notes[run["note"]]
            yield from _value(f"{last['figure']} {place}", (last["figure"], "", ""), found, closed)
        elif not run["shown"].endswith("%"):
            last = None  # a difference, which has no note of its own
        elif last is not None and found is not None and not _may_be(found, last, closed):
            yield _wrong(f"{last['figure']} {place}", found, None)


def _may_be(share: Decimal, note: Mapping[str, Any], closed: Closed) -> bool:
    """Return whether a percentage is the figure's share of one of the bases that its note names."""
    part = closed.value((note["figure"], "", ""))
    for base in (note["expression"] or "").split("; "):
        wholes = [closed.value((figure, "", "")) for figure in base.split("+")]
        known = [one for one in wholes if one is not None]
        if len(known) == len(wholes) and _is(share, _share(part, sum(known, Decimal()))):
            return True
    return False


def _read(shown: str) -> Decimal | None:
    """Return a number read from its printed form: 1.120; 9.000,5; 02; −3; +57; 78,3%; 9 kg (in grams: 9000)."""
    text = (
        shown.replace("%", "").replace("\u2212", "-").strip()
    )  # former reports have a space before the sign
    digits, _, mass = text.partition("\u00a0")
    number = _exact(digits.replace(".", "").replace(",", "."))
    if number is None or mass not in _MASSES:
        return None
    return number * _MASSES[mass]
