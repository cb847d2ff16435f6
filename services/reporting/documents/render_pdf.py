"""A report to read and print: PDF/A by the template ``templates/official.typ``, fonts embedded, tagged for accessibility."""

from datetime import datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Any

from contracts.envelope import VIETNAM
from services.reporting.documents.charting import charts_of
from services.reporting.documents.document import Annex, Block, Document, Table
from services.reporting.documents.layout import SHORT, size_of, widths
from services.reporting.documents.plain import (
    attached,
    closing_text,
    dateline,
    plain,
    subject_line,
    without_cells,
)
from typesetting import set_pages

_TEMPLATE = Path(str(files("services.reporting.documents"))) / "templates" / "official.typ"


def render(document: Document) -> bytes:
    """Return the PDF; its times are those of the document, so the same document gives the same bytes."""
    made = without_cells(document)
    for block, given, chart in zip(document.body, made["body"], charts_of(document.body), strict=True):
        _lay_out(block, given)
        if chart is not None:
            given["chart"] = plain(chart)
    for annex, held in zip(document.annexes, made["annexes"], strict=True):
        for block, given in zip(annex.blocks, held["blocks"], strict=True):
            _lay_out(block, given, annex)
    made |= {"title": document.title, "author": document.issuer, "attached": attached(document)}
    made["keywords"] = [closing_text(document)] if document.closing is not None else []
    day = document.letterhead.day
    made["signed"] = {"year": day.year, "month": day.month, "day": day.day}
    made["subject"] = subject_line(document)
    made["signature"]["recipients"] = document.signature.listed()
    made["letterhead"]["dateline"] = dateline(document.letterhead)
    return set_pages(_TEMPLATE, made, datetime.combine(day, time(), VIETNAM))


def _lay_out(block: Block, given: dict[str, Any], annex: Annex | None = None) -> None:
    """Add the layout of a table (size of text, widths, whether it stays on one page) to its plain values."""
    if isinstance(block, Table):
        given["size"], given["whole"] = size_of(block, annex), len(block.rows) <= SHORT
        for column, width in zip(given["columns"], widths(block, annex), strict=True):
            column["width"] = width
