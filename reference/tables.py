"""Tables of reference data: CSV files read cell by cell, with every fault named by file, line, field and rule."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO
from string import Formatter
from typing import Any

from reference.digits import digits_only

Parse = Callable[[str], Any]
"""Makes the value of a cell; ValueError with the rule that the cell breaks."""


@dataclass(frozen=True, slots=True)
class PackFault:
    """One fault in a province pack: where it is, what stands there, and the rule that it breaks."""

    file: str
    line: int
    field: str
    value: str
    rule: str

    def __str__(self) -> str:
        given = f" = {self.value!r}" if self.value else ""
        return f"{self.file}:{self.line}: {self.field}{given}: {self.rule}"


class PackError(ValueError):
    """A province pack cannot be used. ``faults`` lists everything that is wrong with what was read of it."""

    def __init__(self, pack: str, faults: Iterable[PackFault]) -> None:
        self.pack, self.faults = pack, tuple(faults)
        lines = [f"the province pack {pack} is not valid:", *(f"  {fault}" for fault in self.faults)]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table: its line in the file and the parsed value of each column."""

    file: str
    line: int
    values: Mapping[str, Any]
    texts: Mapping[str, str]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def broken(self, column: str, rule: str) -> PackFault:
        """Return the fault of a cell that is well-formed but breaks a rule of the table."""
        return PackFault(self.file, self.line, column, self.texts[column], rule)


def national_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that holds for the whole nation (``reference/data``)."""
    text = files("reference").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def read_table(
    folder: Traversable, name: str, columns: Mapping[str, Parse], faults: list[PackFault]
) -> list[Record]:
    """Return the rows of a pack's table whose cells are well-formed; what is wrong is added to ``faults``.

    The header must name exactly ``columns``, in their order. Where there are ``valid_from`` and ``valid_to``, each row's end
    is after its beginning.
    """
    lines = _lines(folder, name, faults)
    header, *rows = lines or [(1, [])]
    if lines and header[1] != list(columns):
        faults.append(PackFault(name, 1, "header", ",".join(header[1]), f"must be {','.join(columns)}"))
        return []
    found = [record for line, cells in rows if (record := _record(name, line, cells, columns, faults))]
    if {"valid_from", "valid_to"} <= columns.keys():
        faults += (row.broken("valid_to", "must be after valid_from") for row in found if _ends_too_soon(row))
    return found


def _ends_too_soon(row: Record) -> bool:
    begun, over = row["valid_from"], row["valid_to"]
    return begun is not None and over is not None and over <= begun


def _lines(folder: Traversable, name: str, faults: list[PackFault]) -> list[tuple[int, list[str]]]:
    try:
        # Spreadsheet programs put a byte-order mark first, which would become part of the first column's name.
        text = folder.joinpath(name).read_text(encoding="utf-8-sig")
    except OSError:
        faults.append(PackFault(name, 1, "file", "", "is missing"))
        return []
    except UnicodeDecodeError:
        faults.append(PackFault(name, 1, "file", "", "must be UTF-8"))
        return []
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        found = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as broken:
        faults.append(PackFault(name, reader.line_num, "file", "", f"must be CSV: {broken}"))
        return []
    if not found:
        faults.append(PackFault(name, 1, "header", "", "is missing"))
    return found


def _record(
    name: str, line: int, cells: Sequence[str], columns: Mapping[str, Parse], faults: list[PackFault]
) -> Record | None:
    if len(cells) != len(columns):
        rule = f"must have {len(columns)} cells, has {len(cells)}"
        faults.append(PackFault(name, line, "row", ",".join(cells), rule))
        return None
    texts = dict(zip(columns, cells, strict=True))
    values: dict[str, Any] = {}
    for column, parse in columns.items():
        try:
            values[column] = parse(_line(texts[column]))
        except ValueError as broken:
            faults.append(PackFault(name, line, column, texts[column], str(broken)))
    return Record(name, line, values, texts) if len(values) == len(columns) else None


def _line(cell: str) -> str:
    """Return the cell, which must be one line: documents print it as one, and PostgreSQL takes no NUL."""
    if any(unicodedata.category(character) == "Cc" for character in cell):
        raise ValueError("must be one line without control characters")
    return cell


def any_text(cell: str) -> str:
    """Return the cell as it is; it may be blank."""
    return cell


def text(cell: str) -> str:
    """Return the cell, which must not be blank."""
    if not cell.strip():
        raise ValueError("must not be blank")
    return cell


def optional(parse: Parse) -> Parse:
    """Return a parser to which a blank cell means None."""
    return lambda cell: parse(cell) if cell else None


def day(cell: str) -> date:
    """Return the day that the cell names."""
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("must be a date, yyyy-mm-dd") from None


def day_of_year(cell: str) -> str:
    """Return the day of a year, mm-dd. 29 February is none: not every year has it."""
    try:
        date.fromisoformat(f"2023-{cell}")
    except ValueError:
        raise ValueError("must be the day of a year, mm-dd") from None
    return cell


def whole(cell: str) -> int:
    """Return the whole number, 0 or more."""
    if not digits_only(cell):
        raise ValueError("must be a whole number")
    return int(cell)


def at_most(greatest: int) -> Parse:
    """Return a parser of whole numbers from 0 to ``greatest``: days and years so far away are no dates any more."""

    def parse(cell: str) -> int:
        if len(cell) > len(str(greatest)) or (number := whole(cell)) > greatest:
            raise ValueError(f"must be a whole number up to {greatest}")
        return number

    return parse


def between(least: float, greatest: float) -> Parse:
    """Return a parser of numbers from ``least`` to ``greatest``, both included."""

    def parse(cell: str) -> float:
        try:
            number = float(cell)
        except ValueError:
            number = float("nan")
        if not least <= number <= greatest:
            raise ValueError(f"must be a number from {least:g} to {greatest:g}")
        return number

    return parse


def one_of(*choices: str) -> Parse:
    """Return a parser of one of the words."""

    def parse(cell: str) -> str:
        if cell not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return cell

    return parse


def listed(separator: str, parse: Parse = text) -> Parse:
    """Return a parser of several values with ``separator`` between them; blank means none."""
    return lambda cell: tuple(parse(part) for part in cell.split(separator)) if cell else ()


def template(*places: str) -> Parse:
    """Return a parser of texts in which places in braces are filled in later: ``Công an {area}``; no others than ``places``."""

    def parse(cell: str) -> str:
        try:
            parts = list(Formatter().parse(cell))
        except ValueError:
            raise ValueError("must close every brace") from None
        # A format or a conversion behind the name (``{area:d}``) could fail when the place is filled in.
        named = {
            f"{name}{':' if spec else ''}{kind or ''}" for _, name, spec, kind in parts if name is not None
        }
        if not named <= set(places):
            raise ValueError(f"must name no other places than {', '.join(sorted(places))}")
        return cell

    return parse


def in_force(since: date | None, until: date | None, on: date) -> bool:
    """Return whether [since, until) holds the day; None is an open end."""
    return (since is None or since <= on) and (until is None or on < until)


def overlapping(records: Iterable[Record], *key: str) -> Iterator[Record]:
    """Yield every row whose validity overlaps that of an earlier row with the same key.

    The table has the columns ``valid_from`` and ``valid_to``.
    """
    seen: dict[tuple[Any, ...], list[tuple[date, date]]] = {}
    for record in records:
        begun, over = record["valid_from"] or date.min, record["valid_to"] or date.max
        spans = seen.setdefault(tuple(record[column] for column in key), [])
        if any(begun < other_over and other_begun < over for other_begun, other_over in spans):
            yield record
        spans.append((begun, over))
