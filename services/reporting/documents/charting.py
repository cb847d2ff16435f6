"""The chart under a table by area: the same bars as on pages, drawn from the table's own printed numbers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from services.chassis.web import charts
from services.reporting.documents.document import Block, Row, Table

_FEWEST, _MOST = 3, 30
"""Fewer bars say nothing that the table does not, more do not fit a page."""
_AREAS = frozenset({"district", "commune", "area"})
_NAMESPACE = "http://www.w3.org/2000/svg"
# Dark enough for a copying machine that knows no colours.
_STYLE = (
    "text{font-family:'Liberation Serif';font-size:17px;fill:#000}"
    ".mark{fill:#45546a}.axis{stroke:#000;stroke-width:1}"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as it is printed: its number, its title, what it says to whoever cannot see it, and the drawing as SVG of its own."""

    number: int
    title: str
    alternative: str
    svg: str


def charts_of(body: Sequence[Block]) -> list[Chart | None]:
    """Return what is drawn below each block of a document's body, numbered from 1; None where nothing is."""
    charts: list[Chart | None] = []
    for block in body:
        number = 1 + sum(chart is not None for chart in charts)
        charts.append(chart_of(block, number) if isinstance(block, Table) else None)
    return charts


def chart_of(table: Table, number: int = 1) -> Chart | None:
    """Return the bars of the table's first column of numbers, area by area; None where a chart would say no more than it.

    A protected number has no bar and its star: the chart tells what the table tells, and nothing besides.
    """
    at = next((at for at, column in enumerate(table.columns) if column.kind == "number"), None)
    if at is None or table.by not in _AREAS:
        return None
    rows = [row for row in table.rows if row.kind == "data"]
    known = [row for row in rows if row.cells[at].is_number]
    if not _FEWEST <= len(rows) <= _MOST or len(known) < _FEWEST:
        return None
    named = next(at for at, column in enumerate(table.columns) if column.kind == "label")
    data = [charts.Datum(row.cells[named].shown, _value(row, at), row.cells[at].shown) for row in rows]
    title = f"{table.title}: {table.columns[at].title.lower()}"
    said = "; ".join(f"{each.label} {each.shown}" for each in data)
    return Chart(number, title, f"{title}. {said}.", _alone(charts.bars(title, data)))


def _value(row: Row, at: int) -> float | None:
    value = row.cells[at].value
    return None if value is None or isinstance(value, str) else float(value)


def _alone(drawing: str) -> str:
    """Return a drawing of a page as a file of its own: with its namespace and the colours of print."""
    root = Xml.fromstring(drawing)
    root.set("xmlns", _NAMESPACE)
    style = Xml.Element("style")
    style.text = _STYLE
    root.insert(0, style)
    return Xml.tostring(root, encoding="unicode")
