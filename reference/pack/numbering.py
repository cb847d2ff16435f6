"""In which registers numbers begin anew each year (``numbering.csv``), by form, unit and date.

A register whose book is opened each year has a number 01 every year. That is the unit's or the province's rule of
bookkeeping, so it is declared, never guessed from the rows.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Record,
    day,
    in_force,
    optional,
    overlapping,
    read_table,
    text,
)

_FILE = "numbering.csv"
_EVERY = "*"
_UNIT = re.compile(r"\*|facility|(police|committee|health|labour)(:[0-9]{2,5})?|[A-Z0-9][A-Za-z0-9._/-]*")
_COLUMNS = {
    "form": text,
    "unit": text,
    "valid_from": day,
    "valid_to": optional(day),
    "basis": text,
}


@dataclass(frozen=True, slots=True)
class YearlyNumbering:
    """Records dated in [since, until) have numbers that begin anew each year."""

    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        """Return whether a record of this day is numbered so."""
        return in_force(self.since, self.until, on)


@lru_cache(maxsize=4096)
def yearly_numbering(form: str, unit: str | None = None) -> tuple[YearlyNumbering, ...]:
    """Return when the unit's register of the form is numbered yearly; without a unit, when that of any unit is.

    A row of the table is for one unit (``police:10660``, ``CDC-30``), for all units of a word (``police``, ``facility``), or
    for all (``*``).
    """
    word = None if unit is None else unit.partition(":")[0] if ":" in unit else "facility"
    return tuple(
        YearlyNumbering(row["valid_from"], row["valid_to"])
        for row in _rows()
        if row["form"] == form and (unit is None or row["unit"] in (_EVERY, word, unit))
    )


@lru_cache(maxsize=1)
def _rows() -> tuple[Record, ...]:
    return read_numbering(province())


def read_numbering(of: Province, forms: Collection[str] | None = None) -> tuple[Record, ...]:
    """Return the rows of a pack's table; ``forms`` are the names of the forms there are, where they are to be checked.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, _FILE, _COLUMNS, faults)
    faults += [
        row.broken("unit", "must be a unit, police, committee, health, labour, facility or *")
        for row in rows
        if not _UNIT.fullmatch(row["unit"])
    ]
    faults += [
        row.broken("form", "must be a form") for row in rows if forms is not None and row["form"] not in forms
    ]
    faults += [
        row.broken("valid_from", "must not overlap another validity")
        for row in overlapping(rows, "form", "unit")
    ]
    if faults:
        raise PackError(of.name, faults)
    return tuple(rows)
