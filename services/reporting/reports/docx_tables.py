"""Tables of a word-processor document, written as XML: hundreds of rows in a moment, heads repeated on every page."""

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from services.reporting.reports.document import Annex, Cell, Column, Row, Table
from services.reporting.reports.layout import CODE_SIZE, SHORT, size_of, widths

_SIDES = {"number": "right", "percent": "right", "change": "right", "index": "center", "text": "center"}


def element(name: str, **attributes: str) -> Any:
    """An element with qualified attributes (``w:val``, ``xml:space``)."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(key), value)
    return made


def text_run(
    said: str, *, bold: bool = False, italic: bool = False, raised: bool = False, half_points: int = 0
) -> Any:
    """A run of text; size in half points, 0 = that of the style."""
    run = OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    if bold:
        look.append(OxmlElement("w:b"))
    if italic:
        look.append(OxmlElement("w:i"))
    if half_points:
        look.append(element("w:sz", **{"w:val": str(half_points)}))
    if raised:
        look.append(element("w:vertAlign", **{"w:val": "superscript"}))
    if len(look):
        run.append(look)
    text = element("w:t", **{"xml:space": "preserve"})
    text.text = said
    run.append(text)
    return run


def add_table(made: Any, table: Table, annex: Annex | None = None) -> None:
    """Append the table to the document. Rows that belong together stay on one page: the last with the remarks below."""
    columns = [round(Mm(width).twips) for width in widths(table, annex)]
    half = round(size_of(table, annex) * 2)
    body = OxmlElement("w:tbl")
    body.append(_properties(table, sum(columns)))
    grid = OxmlElement("w:tblGrid")
    for one in columns:
        grid.append(element("w:gridCol", **{"w:w": str(one)}))
    body.append(grid)
    body.append(_head(table, columns, half))
    last = len(table.rows) - 1
    for at, row in enumerate(table.rows):
        whole = len(table.rows) <= SHORT and at < last
        keep = (
            whole or at == 0 or at == last - 1 or row.kind == "group" or (at == last and bool(table.remarks))
        )
        body.append(_row(row, table.columns, columns, half, keep=keep))
    # The section's properties stay last.
    made.element.body.insert_element_before(body, "w:sectPr")


def _properties(table: Table, width: int) -> Any:
    properties = OxmlElement("w:tblPr")
    properties.append(element("w:tblStyle", **{"w:val": "TableGrid"}))
    properties.append(element("w:tblW", **{"w:w": str(width), "w:type": "dxa"}))
    properties.append(element("w:tblLayout", **{"w:type": "fixed"}))
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margins.append(element(side, **{"w:w": "45", "w:type": "dxa"}))
    properties.append(margins)
    properties.append(element("w:tblLook", **{"w:val": "0020", "w:firstRow": "1"}))
    properties.append(element("w:tblCaption", **{"w:val": table.title}))
    properties.append(element("w:tblDescription", **{"w:val": "; ".join(c.title for c in table.columns)}))
    return properties


def _head(table: Table, widths: list[int], half: int) -> Any:
    """The row with the columns' titles, repeated on every page."""
    head = OxmlElement("w:tr")
    look = OxmlElement("w:trPr")
    look.append(OxmlElement("w:cantSplit"))
    look.append(OxmlElement("w:tblHeader"))
    head.append(look)
    for column, one in zip(table.columns, widths, strict=True):
        runs = [text_run(column.title, bold=True, half_points=half)]
        if column.note is not None:
            runs.append(text_run(f"({column.note})", bold=True, raised=True, half_points=half))
        head.append(_cell(runs, one, "center", keep=True))
    return head


def _row(row: Row, columns: tuple[Column, ...], widths: list[int], half: int, *, keep: bool) -> Any:
    made = OxmlElement("w:tr")
    look = OxmlElement("w:trPr")
    look.append(OxmlElement("w:cantSplit"))
    made.append(look)
    bold, italic = row.kind in ("total", "group"), row.kind == "overlap"
    for cell, column, width in zip(row.cells, columns, widths, strict=True):
        indent = 170 if row.kind == "sub" and column.kind == "label" else 0
        runs = _runs(cell, bold, italic, CODE_SIZE * 2 if column.kind == "code" else half)
        made.append(_cell(runs, width, _SIDES.get(column.kind, "left"), indent, keep=keep))
    return made


def _runs(cell: Cell, bold: bool, italic: bool, half: int) -> list[Any]:
    runs = [text_run(cell.shown, bold=bold, italic=italic, half_points=half)]
    if cell.note is not None:
        runs.append(text_run(f"({cell.note})", raised=True, half_points=half))
    return runs


def _cell(runs: list[Any], width: int, side: str, indent: int = 0, *, keep: bool = False) -> Any:
    made = OxmlElement("w:tc")
    properties = OxmlElement("w:tcPr")
    properties.append(element("w:tcW", **{"w:w": str(width), "w:type": "dxa"}))
    properties.append(element("w:vAlign", **{"w:val": "center"}))
    made.append(properties)
    paragraph = OxmlElement("w:p")
    form = OxmlElement("w:pPr")
    if keep:
        form.append(OxmlElement("w:keepNext"))
    form.append(
        element("w:spacing", **{"w:before": "10", "w:after": "10", "w:line": "240", "w:lineRule": "auto"})
    )
    form.append(element("w:ind", **{"w:left": str(indent), "w:firstLine": "0"}))
    form.append(element("w:jc", **{"w:val": side}))
    paragraph.append(form)
    for run in runs:
        paragraph.append(run)
    made.append(paragraph)
    return made
