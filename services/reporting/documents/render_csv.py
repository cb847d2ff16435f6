"""A report for spreadsheets and statistics programs: one long table, a number per row. UTF-8 with a byte-order mark."""

import csv
import io

from services.reporting.documents.document import SUPPRESSED, Document
from services.reporting.documents.plain import closing_text, plain

COLUMNS = (
    "report",
    "table",
    "figure",
    "area",
    "by",
    "row",
    "as_of",
    "from",
    "to",
    "value",
    "unit",
    "definition",
    "remark",
)

CLOSING = "#closing"
"""What the last row of a report of a closing begins with; statistics programs skip it as a comment."""


def render(document: Document) -> bytes:
    """Return the file's bytes: unrounded numbers with a decimal point; empty = no data, ``*`` = protected; ``remark`` says why there is none.
    A report of a closing ends with a row that is no number: ``#closing`` and the reference to the closing.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for cell in document.cells:
        first, last = cell.times.first, cell.times.last.isoformat()
        value = SUPPRESSED if cell.suppressed else plain(cell.value)
        writer.writerow(
            (
                document.report,
                cell.table,
                cell.figure,
                cell.area,
                cell.by,
                cell.row,
                last if first is None else "",
                "" if first is None else first.isoformat(),
                "" if first is None else last,
                "" if value is None else value,
                cell.unit,
                cell.version,
                cell.remark,
            )
        )
    if document.closing is not None:
        writer.writerow((CLOSING, closing_text(document), *("" for _ in COLUMNS[2:])))
    # Without the byte-order mark spreadsheet programs take the Vietnamese letters for another encoding.
    return b"\xef\xbb\xbf" + out.getvalue().encode()
