"""Read OpenDocument spreadsheets (ISO/IEC 26300): the same of each sheet as `xlsx_source` gives.

The library that reads .xlsx knows of an .ods neither merged cells nor hidden rows nor percentages, so the XML would be read twice.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from registerfiles.archive import Archive, refuse_document_type
from registerfiles.failure import ContentError
from registerfiles.rows import PARTIAL, Cell, CellFault, Grid, Merge, Place, Sheet
from registerfiles.sheet_parts import MAX_CELLS

_CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_NUMBERS = ("float", "percentage", "currency")
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # of any office program
_COUNT = re.compile(r"[0-9]{1,7}")
_DIGITS = re.compile(r"[0-9]+")
_DURATION = re.compile(r"PT(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})(?:[.,][0-9]*)?S)?")
_FORMULA = re.compile(r"\A[a-z]+:(?==)")
# LibreOffice writes the yes and no of a workbook of Excel as formulas.
_CONSTANT = re.compile(r"\A[a-z]+:=(?:TRUE|FALSE)\(\)\Z")


def open_ods(file: BinaryIO, most_bytes: int) -> list[Sheet]:
    """Return the sheets that hold anything; ContentError when the file is no safe, readable workbook."""
    xml = Archive(file, _CONTENT, most_bytes).read(_CONTENT)
    refuse_document_type(xml)
    try:
        filled = [sheet for table in _tables(xml) if (sheet := table.sheet()) is not None]
    except ElementTree.ParseError:
        # A workbook with a password is an archive whose parts are no XML.
        raise ContentError("file_not_xlsx") from None
    if not filled:
        raise ContentError("file_empty")
    return filled


@dataclass(slots=True)
class _Table:
    """What was read of one sheet so far; ``height`` counts its rows, blank ones too, ``width`` the columns that are described."""

    name: str
    hidden: bool
    height: int = 0
    values: dict[int, dict[int, Cell]] = field(default_factory=dict)
    faults: dict[int, dict[int, CellFault]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    width: int = 0
    merges: list[Merge] = field(default_factory=list)
    percent: set[Place] = field(default_factory=set)
    shown: dict[Place, str] = field(default_factory=dict)
    cells: int = 0

    def add(self, row: Element) -> None:
        """Add a row of the sheet, as often as it says that it is repeated."""
        times = _count(row, "number-rows-repeated")
        filled = list(_filled(row))
        if row.get(f"{_TABLE}visibility", "visible") != "visible" and filled:
            self.hidden_rows |= set(range(self.height + 1, self.height + 1 + times))
        # Blank rows down to the last one of a sheet take no room; filled ones are told to be repeated in a few bytes.
        self.cells += times * len(filled)
        if self.cells > MAX_CELLS or (filled and self.height + times > _MOST_ROWS):
            raise ContentError("file_too_wide", rows=self.height + times, columns=len(filled))
        for number in range(self.height + 1, self.height + 1 + times) if filled else ():
            for column, cell in filled:
                self._put(number, column, cell)
        self.height += times

    def add_columns(self, column: Element) -> None:
        """Note the columns that an element describes, which are hidden or not."""
        times = min(_count(column, "number-columns-repeated"), _MOST_COLUMNS - self.width)
        if column.get(f"{_TABLE}visibility", "visible") != "visible":
            self.hidden_columns |= set(range(self.width, self.width + times))
        self.width += times

    def _put(self, number: int, column: int, cell: Element) -> None:
        formula = cell.get(f"{_TABLE}formula")
        if formula is not None and not _CONSTANT.match(formula):
            fault = CellFault("formula", _FORMULA.sub("", formula)[:500])
            self.faults.setdefault(number, {})[column] = fault
        self.values.setdefault(number, {})[column] = _value(cell)
        kind = cell.get(f"{_OFFICE}value-type")
        if formula is None and kind == "date" and _shows_part_of_a_date(_words(cell)):
            self.faults.setdefault(number, {})[column] = CellFault(PARTIAL, _words(cell)[:500])
        if kind == "percentage":
            self.percent.add((number, column))
        if kind in _NUMBERS and (words := _words(cell)):
            self.shown[number, column] = words
        last = (
            number + _count(cell, "number-rows-spanned") - 1,
            column + _count(cell, "number-columns-spanned") - 1,
        )
        if last != (number, column):
            self.merges.append(Merge((number, column), last))

    def sheet(self) -> Sheet | None:
        """Return the sheet; None where no cell of it is filled."""
        rows = max(self.values, default=0)
        columns = max((max(cells) + 1 for cells in self.values.values()), default=0)
        if not rows:
            return None
        if rows * columns > MAX_CELLS:
            raise ContentError("file_too_wide", rows=rows, columns=columns)
        values = [_dense(self.values.get(number, {})) for number in range(1, rows + 1)]
        return Sheet(
            self.name,
            Grid(values, self.faults),
            total=rows,
            hidden=self.hidden,
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
            merges=self.merges,
            percent=frozenset(self.percent),
            shown=self.shown,
        )


def _tables(xml: bytes) -> Iterator[_Table]:
    """Yield the sheets of a document, in its order."""
    invisible: set[str] = set()
    table: _Table | None = None
    depth = 0
    for event, element in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        begins = event == "start"
        if element.tag == f"{_TABLE}table":
            depth += 1 if begins else -1
            if begins and depth == 1:
                style = element.get(f"{_TABLE}style-name", "")
                table = _Table(element.get(f"{_TABLE}name", ""), style in invisible)
            elif depth == 0 and table is not None:
                yield table
                table = None
                element.clear()
        elif begins:
            continue
        elif element.tag == f"{_STYLE}style":
            shown = element.find(f"{_STYLE}table-properties")
            if shown is not None and shown.get(f"{_TABLE}display") == "false":
                invisible.add(element.get(f"{_STYLE}name", ""))
        elif element.tag == f"{_TABLE}table-column" and depth == 1 and table is not None:
            table.add_columns(element)
        # A table within a cell, such as one in a drawing, is no sheet.
        elif element.tag == f"{_TABLE}table-row" and depth == 1 and table is not None:
            table.add(element)
            element.clear()


def _filled(row: Element) -> Iterator[tuple[int, Element]]:
    """Yield the cells of a row that hold something, with their columns."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _count(cell, "number-columns-repeated")
        # Under a merged cell the document keeps what stood there before; no program shows it.
        if cell.tag == _CELLS[0] and _holds(cell):
            if column + times > _MOST_COLUMNS:
                raise ContentError("file_too_wide", rows=1, columns=column + times)
            yield from ((column + index, cell) for index in range(times))
        column += times


def _holds(cell: Element) -> bool:
    return f"{_TABLE}formula" in cell.attrib or f"{_OFFICE}value-type" in cell.attrib or bool(_words(cell))


def _value(cell: Element) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    try:
        match kind:
            case _ if kind in _NUMBERS:
                return float(cell.get(f"{_OFFICE}value", ""))
            case "date":
                given = cell.get(f"{_OFFICE}date-value", "")
                return datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)
            case "time":
                return _time(cell.get(f"{_OFFICE}time-value", ""))
            case "boolean":
                return cell.get(f"{_OFFICE}boolean-value") == "true"
            case _:
                words = cell.get(f"{_OFFICE}string-value") or _words(cell)
                return words or None
    except ValueError:
        raise ContentError("file_not_xlsx") from None


def _time(given: str) -> time | timedelta:
    found = _DURATION.fullmatch(given)
    if found is None:
        raise ValueError(given)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return time(hours, minutes, seconds) if max(minutes, seconds) < 60 and hours < 24 else length


def _words(cell: Element) -> str:
    """Return the text of a cell: its paragraphs, without the notes that are pinned to it."""
    return "\n".join("".join(_letters(each)) for each in cell if each.tag == f"{_TEXT}p")


def _shows_part_of_a_date(words: str) -> bool:
    """Return whether the text of a date lacks its day or its year: 02/2024, 1990, Feb-24; 05-Feb-24 is a whole one."""
    numbers = len(_DIGITS.findall(words))
    return 0 < numbers < (2 if any(letter.isalpha() for letter in words) else 3)


def _letters(element: Element) -> Iterator[str]:
    yield element.text or ""
    for each in element:
        if each.tag == f"{_TEXT}s":
            yield " " * _count(each, "c", _TEXT)
        elif each.tag == f"{_TEXT}tab":
            yield "\t"
        elif each.tag == f"{_TEXT}line-break":
            yield "\n"
        elif not each.tag.startswith(_OFFICE):
            yield from _letters(each)
        yield each.tail or ""


def _count(element: Element, name: str, space: str = _TABLE) -> int:
    """Return how often something is repeated or how far it reaches; 1 where nothing is said."""
    given = element.get(f"{space}{name}", "1")
    if _COUNT.fullmatch(given) is None:
        raise ContentError("file_not_xlsx")
    return int(given)


def _dense(cells: dict[int, Cell]) -> list[Cell]:
    found: list[Cell] = [None] * (max(cells, default=-1) + 1)
    for column, cell in cells.items():
        found[column] = cell
    return found
