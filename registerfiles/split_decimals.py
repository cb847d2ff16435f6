"""Decimals that a file separated by commas has cut in two: ``…,1,5`` is 1.5 in two cells, or 1 and 5. Pure.

A program that puts no quotation marks around 1,5 gives its row one cell more. Where the row had cells to spare, or leaves out
its last ones, the halves stand under two columns and nothing looks wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from contracts.forms import Kind
from registerfiles.archive import cell_name
from registerfiles.columns import Matching, RowFault, fault_of
from registerfiles.rows import Row

_WHOLE = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)")
_REST = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?\s*(?:%|g|gam|gr|mg)?", re.IGNORECASE)


def split_decimals(matching: Matching, width: int, rows: Iterable[Row]) -> Mapping[int, RowFault]:
    """Return a fault for each row whose decimal may be cut in two, by row number; ``width`` is that of the header.

    Where all rows have as many cells as the header, no comma is too many and every cell is what it seems to be.
    """
    decimals = [index for index, column in matching.columns.items() if column.kind is Kind.DECIMAL]
    if not decimals:
        return {}
    found: dict[int, RowFault] = {}
    ragged = False
    for row in rows:
        ragged = ragged or len(row.cells) != width
        at = _split_at(row, decimals)
        if at is not None:
            found[row.number] = _fault(matching, row, at)
    return found if ragged else {}


def _split_at(row: Row, decimals: Sequence[int]) -> int | None:
    for index in decimals:
        if index + 1 < len(row.cells):
            whole, rest = (str(row.cells[place] or "").strip() for place in (index, index + 1))
            if _WHOLE.fullmatch(whole) and _REST.fullmatch(rest):
                return index
    return None


def _fault(matching: Matching, row: Row, index: int) -> RowFault:
    whole, rest = (str(row.cells[place]).strip() for place in (index, index + 1))
    return fault_of(
        row.number,
        matching.columns[index].id,
        whole,
        "decimal_split",
        first=cell_name(row.number, index),
        second=cell_name(row.number, index + 1),
        decimal=f"{whole},{rest}",
    )
