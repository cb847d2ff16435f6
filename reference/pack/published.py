"""Figures that the province has published, as its reports printed them (``figures-<year>.csv``).

They are there to be shown beside computed figures, and for the demonstration to be built towards; nothing is computed
from them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from reference.figures import FIGURES
from reference.hierarchy import AreaBook
from reference.pack.manifest import Province, province
from reference.pack.offices import AGENCIES
from reference.tables import PackError, PackFault, Record, any_text, day, one_of, optional, read_table, text


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One published number: a stock as of ``first`` (``last`` None), or a flow from ``first`` to ``last``, both included."""

    figure: str
    value: Decimal
    unit: str
    first: date
    last: date | None
    area_code: str
    agency: str
    note: str


def published_figures(year: int) -> list[PublishedFigure]:
    """Return what was published for a year, in the order of the publication; nothing where the pack has no such file.

    Raises:
        PackError: the file is not valid.
    """
    return read_published(province(), f"figures-{year}.csv")


def published_files(of: Province) -> list[str]:
    """Return the names of the pack's files of published figures."""
    names = (entry.name for entry in of.folder.iterdir())
    return sorted(name for name in names if name.startswith("figures-") and name.endswith(".csv"))


def read_published(of: Province, name: str, book: AreaBook | None = None) -> list[PublishedFigure]:
    """Return the rows of one file; their areas are checked where ``book`` is given.

    Raises:
        PackError: with every fault of the file.
    """
    if name not in published_files(of):
        return []
    faults: list[PackFault] = []
    rows = read_table(of.folder, name, _COLUMNS, faults)
    for row in rows:
        figure = FIGURES.get(row["figure"])
        if figure is None or figure.kind == "ratio":
            faults.append(row.broken("figure", "must be a stock or a flow of the catalogue"))
        elif (row["kind"], row["unit"]) != (figure.kind, figure.unit):
            faults.append(row.broken("kind", f"must be a {figure.kind} in {figure.unit}"))
        if (row["kind"] == "flow") != (row["to"] is not None):
            faults.append(row.broken("to", "must be there for a flow, and only for a flow"))
        elif book and book.resolve(row["area_code"], row["to"] or row["as_of_or_from"]) is None:
            faults.append(row.broken("area_code", "must be an area of that day"))
    if faults:
        raise PackError(of.name, faults)
    return [_published(row) for row in rows]


def _published(row: Record) -> PublishedFigure:
    return PublishedFigure(
        row["figure"],
        row["value"],
        row["unit"],
        row["as_of_or_from"],
        row["to"],
        row["area_code"],
        row["agency"],
        row["note"],
    )


def _number(cell: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not number.is_finite():
        raise ValueError("must be a number")
    return number


_COLUMNS = {
    "figure": text,
    "value": _number,
    "unit": text,
    "kind": one_of("stock", "flow"),
    "as_of_or_from": day,
    "to": optional(day),
    "area_code": text,
    "agency": one_of(*AGENCIES),
    "note": any_text,
}
