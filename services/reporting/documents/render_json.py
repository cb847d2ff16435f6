"""A report for programs: the whole document and its numbers, as canonical JSON (RFC 8785)."""

import rfc8785

from services.reporting.documents.document import Document
from services.reporting.documents.plain import dateline, machine_cell, without_cells


def render(document: Document) -> bytes:
    """Return the document as UTF-8 bytes; the same document gives the same bytes."""
    made = without_cells(document)
    if document.closing is None:
        del made["closing"]
    made["cells"] = [machine_cell(cell) for cell in document.cells]
    made["title"] = document.title
    made["provenance"] = [{"name": name, "text": text} for name, text in document.provenance]
    made["letterhead"]["dateline"] = dateline(document.letterhead)
    return rfc8785.dumps(made)
