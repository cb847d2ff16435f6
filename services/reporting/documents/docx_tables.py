"""Tables of a word-processor document, written as XML: hundreds of rows in a moment, heads repeated on every page."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from services.reporting.documents.document import Annex, Column, Row, Table
from services.reporting.documents.layout import CODE_SIZE, SHORT, size_of, widths

_SIDES = {"number": "right", "percent": "right", "change": "right", "index": "center", "text": "center"}


def element(name: str, **attributes: str) -> Any:
    """Return an element with qualified attributes (``w:val``, ``xml:space``)."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(key), value)
    return made


def raised_run(said: str) -> Any:
    """Return a run of text that is set high and small."""
    run = OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    look.append(element("w:vertAlign", **{"w:val": "superscript"}))
    run.append(look)
    text = element("w:t", **{"xml:space": "preserve"})
    text.text = said
    run.append(text)
    return run


def add_table(made: Any, table: Table, annex: Annex | None = None) -> None:
    """Append the table to the document. Rows that belong together stay on one page: the last with the remarks below."""
    columns = [round(Mm(width).twips) for width in widths(table, annex)]
    half = round(size_of(table, annex) * 2)
    last = len(table.rows) - 1
    rows = [_head(table, columns, half)]
    for at, row in enumerate(table.rows):
        whole = len(table.rows) <= SHORT and at < last
        # The head must not be alone at the end of a page, nor the total alone on the next one.
        keep = (
            whole or at == 0 or at == last - 1 or row.kind == "group" or (at == last and bool(table.remarks))
        )
        rows.append(_row(row, table.columns, columns, half, keep=keep))
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in columns)
    properties = _properties(table, sum(columns))
    body = f"<w:tbl {nsdecls('w')}>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    # The section's properties stay last.
    made.element.body.insert_element_before(parse_xml(body), "w:sectPr")


def _properties(table: Table, width: int) -> str:
    titles = "; ".join(column.title for column in table.columns)
    return (
        f'<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{width}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="45" w:type="dxa"/><w:right w:w="45" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/><w:tblCaption w:val={quoteattr(table.title)}/>'
        f"<w:tblDescription w:val={quoteattr(titles)}/></w:tblPr>"
    )


def _head(table: Table, widths: list[int], half: int) -> str:
    """Return the XML of the row with the columns' titles, which is repeated on every page."""
    cells = []
    for column, width in zip(table.columns, widths, strict=True):
        runs = _run(column.title, half, bold=True)
        if column.note is not None:
            runs += _run(f"({column.note})", half, bold=True, raised=True)
        cells.append(_cell(runs, width, "center", keep=True))
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _row(row: Row, columns: tuple[Column, ...], widths: list[int], half: int, *, keep: bool) -> str:
    bold, italic = row.kind in ("total", "group"), row.kind == "overlap"
    cells = []
    for cell, column, width in zip(row.cells, columns, widths, strict=True):
        size = CODE_SIZE * 2 if column.kind == "code" else half
        runs = _run(cell.shown, size, bold=bold, italic=italic)
        if cell.note is not None:
            runs += _run(f"({cell.note})", size, raised=True)
        indent = 170 if row.kind == "sub" and column.kind == "label" else 0
        cells.append(_cell(runs, width, _SIDES.get(column.kind, "left"), indent, keep=keep))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _run(said: str, half: int, *, bold: bool = False, italic: bool = False, raised: bool = False) -> str:
    look = "<w:b/>" * bold + "<w:i/>" * italic + f'<w:sz w:val="{half}"/>'
    look += '<w:vertAlign w:val="superscript"/>' * raised
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(said)}</w:t></w:r>'


def _cell(runs: str, width: int, side: str, indent: int = 0, *, keep: bool = False) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
        f'{"<w:keepNext/>" * keep}<w:spacing w:before="10" w:after="10" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:left="{indent}" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>{runs}</w:p></w:tc>'
    )
