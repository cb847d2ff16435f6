"""What a sheet's XML says that a reader of values does not: formulas, errors, hidden rows, cells shown as percentages.

Strict Open XML (ISO/IEC 29500) differs by its namespaces alone, so elements are found by their local names.
"""

import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from registerfiles.archive import Archive, column_index, parse_xml
from registerfiles.failure import ContentError
from registerfiles.rows import CellFault, Place

MAX_CELLS = 12_000_000
_SUSPECT = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_COORDINATE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Hidden, or made so low that nobody sees it.
_UNSEEN = rb"""(?:hidden=["'](?:1|true)|(?:ht|width)=["']0(?:\.0+)?)["']"""
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\b%b)[^>]*?\br=["']([0-9]{1,7})["']""" % _UNSEEN)
_HIDDEN_COLUMNS = re.compile(rb"""<(?:\w+:)?col\s(?=[^>]*\b%b)[^>]*>""" % _UNSEEN)
_FIRST_AND_LAST = re.compile(rb"""\b(min|max)=["']([0-9]{1,5})["']""")
_MOST_COLUMNS = 16_384
_STYLED = re.compile(rb"""<(?:\w+:)?c\s[^>]*>""")
_STYLE = re.compile(rb"""\ss=["']([0-9]{1,6})["']""")
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""Words and colours in a number format: their zeros and percent signs are not part of it."""
_BUILT_IN_PERCENTS = frozenset({"9", "10"})  # ECMA-376 part 1, 18.8.30: 0% and 0.00%
_BUILT_IN_PARTIAL = {"16": "%d/%m", "17": "%m/%Y"}  # d-mmm and mmm-yy
_ZEROS = re.compile("00+")  # a format of zeros alone, at least two: each is a digit that is shown in any case
_STYLES = "xl/styles.xml"


@dataclass(frozen=True, slots=True)
class Inspected:
    """Formulas and error values by cell, hidden rows and columns, and the cells shown as percentages or with zeros in front.

    ``zeros`` is the number of digits that such a cell shows: 7 in the format 000 shows 007. ``partial`` are the cells that
    show a date without its day or without its year, with what they show, as `strftime` writes it.
    """

    faults: dict[Place, CellFault]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    percent: frozenset[Place]
    zeros: Mapping[Place, int]
    partial: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Styles:
    """Cell styles as cells name them: those that show a percentage, a number of digits, or a part of a date."""

    percent: frozenset[bytes] = frozenset()
    zeros: Mapping[bytes, int] = field(default_factory=dict)
    partial: Mapping[bytes, str] = field(default_factory=dict)


def inspect_sheet(xml: bytes, styles: Styles) -> Inspected:
    """Return what the XML of a sheet says, with the styles of its workbook.

    Raises:
        ContentError: the cells span an area that no register has (a reader would allocate all of it).
    """
    rows, columns = _extent(xml)
    # A format down to the last row of the sheet is common; cells without a value take no room.
    if rows * columns > MAX_CELLS:
        rows, columns = _filled_extent(xml)
    if rows * columns > MAX_CELLS:
        raise ContentError("file_too_wide", rows=rows, columns=columns)
    # Most sheets have no formula; a search in the bytes shows it without the slow parsing of the XML.
    faults = dict(_faulty_cells(parse_xml(xml))) if _SUSPECT.search(xml) else {}
    hidden = _HIDDEN_ROW.findall(xml) if b"hidden=" in xml or b'ht="0' in xml else ()
    return Inspected(
        faults,
        frozenset(int(number) for number in hidden),
        frozenset(_hidden_columns(xml)),
        frozenset(place for place, _ in _styled_cells(xml, styles.percent)),
        {place: styles.zeros[style] for place, style in _styled_cells(xml, styles.zeros)},
        {place: styles.partial[style] for place, style in _styled_cells(xml, styles.partial)},
    )


def _hidden_columns(xml: bytes) -> Iterator[int]:
    # The widths of columns stand before the rows.
    head = xml[: max(0, xml.find(b"sheetData"))]
    for found in _HIDDEN_COLUMNS.findall(head):
        ends = {name: int(number) for name, number in _FIRST_AND_LAST.findall(found)}
        if ends.keys() == {b"min", b"max"}:
            yield from range(ends[b"min"] - 1, min(ends[b"max"], _MOST_COLUMNS))


def styles_of(archive: Archive) -> Styles:
    """Return the styles that show numbers otherwise than a reader of values gets them."""
    if not archive.has(_STYLES):
        return Styles()
    root = archive.parse(_STYLES)
    # Quoted words and colours in a format may contain percent signs that are not part of the number's format.
    percents = _BUILT_IN_PERCENTS | {
        each.get("numFmtId", "")
        for each in root.iterfind(".//{*}numFmt")
        if "%" in QUOTED.sub("", each.get("formatCode", ""))
    }
    zeros = {
        each.get("numFmtId", ""): len(code)
        for each in root.iterfind(".//{*}numFmt")
        if _ZEROS.fullmatch(code := each.get("formatCode", ""))
    }
    partial = _BUILT_IN_PARTIAL | {
        each.get("numFmtId", ""): shown
        for each in root.iterfind(".//{*}numFmt")
        if (shown := _part_of_a_date(each.get("formatCode", ""))) is not None
    }
    formats = root.find("{*}cellXfs")
    listed = [] if formats is None else formats.findall("{*}xf")
    named = {str(index).encode(): each.get("numFmtId", "") for index, each in enumerate(listed)}
    return Styles(
        frozenset(style for style, number in named.items() if number in percents),
        {style: zeros[number] for style, number in named.items() if number in zeros},
        {style: partial[number] for style, number in named.items() if number in partial},
    )


def _part_of_a_date(code: str) -> str | None:
    """Return what a number format shows of a date where that is no whole one (mm/yyyy, dd/mm, yyyy); else None."""
    shown = QUOTED.sub("", code).partition(";")[0].casefold()
    if ("d" in shown) == ("y" in shown):
        return None
    if "d" in shown:
        return "%d/%m" if "m" in shown else "%d"
    return "%m/%Y" if "m" in shown else "%Y"


def _styled_cells(xml: bytes, styles: Collection[bytes]) -> Iterator[tuple[Place, bytes]]:
    for cell in _STYLED.findall(xml) if styles else ():
        style, place = _STYLE.search(cell), _REFERENCE.search(cell)
        if style is not None and place is not None and style[1] in styles:
            yield (int(place[2]), column_index(place[1].decode())), style[1]


def _extent(xml: bytes) -> tuple[int, int]:
    letters: set[bytes] = set()
    last_row = 0
    for found in _REFERENCE.finditer(xml):
        letters.add(found[1])
        last_row = max(last_row, int(found[2]))
    return last_row, max((column_index(name.decode()) + 1 for name in letters), default=0)


def _filled_extent(xml: bytes) -> tuple[int, int]:
    last_row = last_column = 0
    try:
        for _, element in ElementTree.iterparse(io.BytesIO(xml)):
            local = element.tag.rpartition("}")[2]
            if local == "c" and len(element):
                row, column = _place(element)
                last_row, last_column = max(last_row, row), max(last_column, column + 1)
            # The rows that were read are dropped, or a sheet of a million formats would stay in memory as a tree.
            if local == "row":
                element.clear()
    except ElementTree.ParseError:
        raise ContentError("file_not_xlsx") from None
    return last_row, last_column


def _place(cell: ElementTree.Element) -> Place:
    found = _COORDINATE.fullmatch(cell.get("r", ""))
    if found is None:
        raise ContentError("file_not_xlsx")
    return int(found[2]), column_index(found[1])


def _faulty_cells(root: ElementTree.Element) -> Iterator[tuple[Place, CellFault]]:
    for cell in root.iterfind(".//{*}c"):
        formula = cell.find("{*}f")
        if formula is None and cell.get("t") != "e":
            continue
        if formula is not None:
            yield _place(cell), CellFault("formula", f"={formula.text or ''}"[:500])
        else:
            yield _place(cell), CellFault("cell_error", (cell.findtext("{*}v") or "")[:500])
