"""The kinds of unit that the province has (``units.csv``): what each is called, whose it is, and how its units are named.

A unit of a kind with a ``code_word`` is named by it and an area of the kind's level (``police:10513``); one without is a
facility and named by its code in the register of facilities, told apart by its level or by what it does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import get_args

from reference.codes import FACILITY_DOES
from reference.hierarchy import Level
from reference.pack.manifest import Province, province
from reference.pack.offices import AGENCIES
from reference.tables import (
    PackError,
    PackFault,
    Record,
    day,
    listed,
    one_of,
    optional,
    overlapping,
    read_table,
    template,
    text,
)

_WORDS = ("police", "committee", "health", "labour")


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit during one validity; ``{area}`` in ``vi`` is the name of the unit's area."""

    kind: str
    agency: str
    code_word: str | None
    level: Level | None
    does: tuple[str, ...]
    vi: str
    en: str
    valid_from: date | None
    valid_to: date | None
    basis: str

    def named(self, area: str) -> str:
        """Return what people call the unit of this kind in the area with this name: "Công an phường Cẩm Thượng"."""
        return self.vi.format(area=area[:1].lower() + area[1:])


@lru_cache(maxsize=1)
def unit_kinds() -> tuple[UnitKind, ...]:
    """Return the kinds of unit of the province, in the order of its list.

    Raises:
        PackError: the list is not valid.
    """
    return read_unit_kinds(province())


def read_unit_kinds(of: Province) -> tuple[UnitKind, ...]:
    """Return the kinds of unit of a pack.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "units.csv", _COLUMNS, faults)
    if not faults:
        faults += _faults(rows)
    if faults:
        raise PackError(of.name, faults)
    return tuple(UnitKind(**row.values) for row in rows)


def _faults(rows: list[Record]) -> Iterator[PackFault]:
    for row in rows:
        if row["code_word"] and (row["level"] is None or row["does"]):
            yield row.broken("code_word", "must stand with a level, and without anything that facilities do")
        if not row["code_word"] and not (row["level"] or row["does"]):
            yield row.broken("level", "must be there, or else what facilities of the kind do")
        if row["code_word"] and "{area}" not in row["vi"]:
            yield row.broken("vi", "must name the unit's area by {area}")
    named = [row for row in rows if row["code_word"]]
    for row in overlapping(named, "code_word", "level"):
        yield row.broken("code_word", "must not name units of two kinds at one level")


_COLUMNS = {
    "kind": text,
    "agency": one_of(*AGENCIES),
    "code_word": optional(one_of(*_WORDS)),
    "level": optional(one_of(*get_args(Level))),
    "does": listed(";", one_of(*FACILITY_DOES)),
    "vi": template("area"),
    "en": text,
    "valid_from": optional(day),
    "valid_to": optional(day),
    "basis": text,
}
