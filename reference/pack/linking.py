"""How many people a national ID may join before a clerk has to decide (``linking.csv``), by day."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, at_most, day, optional, read_table, text

_MOST = 1_000
_COLUMNS = {"valid_from": optional(day), "people_of_one_number": at_most(_MOST), "basis": text}


@dataclass(frozen=True, slots=True)
class NumberLimit:
    """From ``valid_from`` on (None: from the beginning) a number joins at most ``people`` who differ in name, year of birth
    or sex."""

    valid_from: date | None
    people: int


@lru_cache(maxsize=1)
def number_limits() -> tuple[NumberLimit, ...]:
    """Return the limits of the province, earliest first."""
    return read_number_limits(province())


def people_of_one_number(on: date | None) -> int:
    """Return how many people a number joins at most on the day; without a day, by the latest row."""
    return next(
        each.people
        for each in reversed(number_limits())
        if on is None or each.valid_from is None or each.valid_from <= on
    )


def read_number_limits(of: Province) -> tuple[NumberLimit, ...]:
    """Return the limits of a pack.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "linking.csv", _COLUMNS, faults)
    faults += (
        row.broken("people_of_one_number", "must be 1 or more")
        for row in rows
        if row["people_of_one_number"] < 1
    )
    if not faults and not any(row["valid_from"] is None for row in rows):
        faults.append(PackFault("linking.csv", 1, "valid_from", "", "must have a row without a day"))
    if faults:
        raise PackError(of.name, faults)
    found = [NumberLimit(row["valid_from"], row["people_of_one_number"]) for row in rows]
    return tuple(sorted(found, key=lambda each: each.valid_from or date.min))
