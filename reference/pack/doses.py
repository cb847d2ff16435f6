"""Which daily doses of methadone are possible at a site (``doses.csv``), by day."""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, at_most, day, optional, read_table, text

_MOST = 10_000
_COLUMNS = {
    "facility": text,
    "valid_from": optional(day),
    "least_mg": at_most(_MOST),
    "most_mg": at_most(_MOST),
    "basis": text,
}


@dataclass(frozen=True, slots=True)
class DoseRange:
    """From ``valid_from`` on (None: from the beginning) doses at the facilities of a pattern are ``least`` to ``most`` mg."""

    facility: str
    valid_from: date | None
    least: int
    most: int


def dose_range(facility: str, on: date) -> DoseRange:
    """Return what is in force for a facility on the day: of the rows that match its code the longest pattern, then the latest."""
    found = [
        one
        for one in _ranges()
        if fnmatchcase(facility, one.facility) and (one.valid_from is None or one.valid_from <= on)
    ]
    return max(found, key=lambda one: (len(one.facility), one.valid_from or date.min))


@lru_cache(maxsize=1)
def _ranges() -> tuple[DoseRange, ...]:
    return read_dose_ranges(province())


def read_dose_ranges(of: Province) -> tuple[DoseRange, ...]:
    """Return the ranges of a pack.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "doses.csv", _COLUMNS, faults)
    faults += (
        row.broken("most_mg", "must be least_mg or more") for row in rows if row["most_mg"] < row["least_mg"]
    )
    # Without a row for everything, a site that no pattern matches would have no range at all.
    if not faults and not any(row["facility"] == "*" and row["valid_from"] is None for row in rows):
        faults.append(PackFault("doses.csv", 1, "facility", "", "must have a row * without valid_from"))
    if faults:
        raise PackError(of.name, faults)
    return tuple(
        DoseRange(row["facility"], row["valid_from"], row["least_mg"], row["most_mg"]) for row in rows
    )
