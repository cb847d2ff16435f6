"""The two numbers of health and police in one report: what both declared for the same figure, beside what the registers say. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reference import AGENCY, FIGURES
from services.reporting.documents.document import Cell, Column, Formula, Number, Row, Table, Times
from services.reporting.documents.sheet import Sheet
from services.reporting.documents.vietnamese import change, number, times, unit
from texts import message

AGENCIES = ("health", "police")
_KEY = "two-numbers"


@dataclass(frozen=True, slots=True)
class TwoNumbers:
    """A figure with what each of the two agencies declared for the time of the report, and the number of the registers."""

    figure: str
    at: Times
    declared: Mapping[str, tuple[Number, Times]]
    computed: Number | None


def table_of(sheet: Sheet, found: Sequence[TwoNumbers]) -> Table:
    """Return the table: a figure a row, the two numbers, their difference, and the number of the registers."""
    health, police = (AGENCY[agency] for agency in AGENCIES)
    columns = (
        Column("TT", 0.5, "index"),
        Column(message("report.two.figure").vi, 2.4, "label"),
        Column(message("report.two.unit").vi, 0.7, "text"),
        Column(message("report.two.when").vi, 2.0, "text"),
        Column(health, 1.0, "number"),
        Column(police, 1.0, "number"),
        Column(message("report.two.difference").vi, 0.9, "change"),
        Column(message("report.two.registers").vi, 1.0, "number"),
    )
    rows = tuple(_row(sheet, place, one) for place, one in enumerate(found))
    title = message("report.two.table").vi
    return Table(_KEY, sheet.next_number(), title, columns, rows, "figure")


def _row(sheet: Sheet, place: int, one: TwoNumbers) -> Row:
    values = [one.declared[agency][0] for agency in AGENCIES]
    for agency, value in zip(AGENCIES, values, strict=True):
        at = one.declared[agency][1]
        sheet.record(_KEY, one.figure, at, "reconciliation", f"{agency}:declared", value)
    sheet.record(_KEY, one.figure, one.at, "", "", one.computed)
    moved = Decimal(values[0]) - Decimal(values[1])
    name = FIGURES[one.figure].vi
    cells = (
        Cell(str(place + 1), place + 1),
        Cell(name, name, sheet.notes.mark(one.figure, one.at)),
        Cell(unit(one.figure)),
        Cell(_when(one.declared[agency][1] for agency in AGENCIES)),
        *(Cell(number(value), value) for value in values),
        Cell(change(moved), moved, formula=Formula("minus", ((place, 4), (place, 5)))),
        Cell(number(one.computed), one.computed),
    )
    return Row(cells, "data", one.figure)


def _when(each: Iterable[Times]) -> str:
    return "; ".join(dict.fromkeys(times(at) for at in each))
