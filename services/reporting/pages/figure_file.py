"""One figure as a file for a spreadsheet: what its page shows of its parts, else its number alone."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from services.chassis.problems import Problem
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.figure import Seen, View
from services.reporting.pages.figure_page import called

_HIDDEN = "*"
_BOM = "\ufeff"


def csv_of(chosen: Chosen, view: View, found: Seen) -> str:
    """Return the file: one line for each row, or each cell of a table of two dimensions. ``*`` is a withheld number.

    Raises:
        Problem: what the reader is not told, as its page says it.
    """
    document = found.whole if found.parts is None else found.parts
    if isinstance(document, Problem):
        raise document
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["figure", "area", "from", "to", "known_at", "row", "row_name", "column", "value"])
    first = document.get("from") or document.get("as_of")
    about = [document["figure"], chosen.area.uid, first, document.get("to") or first, document["known_at"]]
    lines.writerows([*about, *rest] for rest in _rows(document, view, chosen))
    # Spreadsheets take a file without this mark for one in the machine's old encoding.
    return _BOM + out.getvalue()


def _rows(document: Mapping[str, Any], view: View, chosen: Chosen) -> Iterable[list[Any]]:
    if document.get("cells") is not None:
        for cell in document["cells"]:
            yield [
                cell[view.by],
                called(cell, document["figure"], view.by, chosen).vi,
                cell[view.across],
                _shown(cell),
            ]
        return
    for row in document.get("rows") or ():
        yield [row[view.by], called(row, document["figure"], view.by, chosen).vi, "", _shown(row)]
    yield ["", "", "", _shown(document)]


def _shown(cell: Mapping[str, Any]) -> Any:
    return _HIDDEN if cell.get("suppressed") else cell["value"]
