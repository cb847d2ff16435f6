"""Amounts of figures: what is counted is whole, and a share is seldom under one percent or over a hundred.

"1,592" is one and a half in Vietnamese writing and 1592 in English; of people only one of the two can be meant.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from contracts.forms import Kind
from reference import FIGURES, measure_of
from services.registers.row import CellFault, Row
from texts import Message

_FIGURE, _VALUE = "figure", "value"
_MEASURED = frozenset({"percent", "gram"})
_WHOLE = 100


def counted_in_whole(row: Row) -> Iterator[CellFault]:
    """Yield a fault where a figure that is counted (people, cases, đồng) has a part of one."""
    found = _amount(row)
    if found is None:
        return
    code, value = found
    if FIGURES[code].unit not in _MEASURED and value != value.to_integral_value():
        yield row.fault(_VALUE, "figure_whole", measure=Message(*measure_of(code)))


def unlikely_percents(rows: Iterable[Row]) -> Iterator[CellFault]:
    """Yield a note for each percentage under one or over a hundred: 0.783 may be 78.3 %, whose cell lost its format."""
    for row in rows:
        found = None if row.void else _amount(row)
        if found is None or FIGURES[found[0]].unit != "percent":
            continue
        value = found[1]
        if 0 < value < 1 or value > _WHOLE:
            yield row.fault(_VALUE, "percent_unlikely", value=f"{value.normalize():f}".replace(".", ","))


def _amount(row: Row) -> tuple[str, Decimal] | None:
    """Return the figure that a row gives a number of, and the number; None in forms of anything else."""
    column = row.form.by_id.get(_FIGURE)
    if column is None or column.kind is not Kind.FIGURE:
        return None
    code, value = row.opt_text(_FIGURE), row.opt_decimal(_VALUE)
    return None if code is None or value is None else (code, value)
