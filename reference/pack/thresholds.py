"""From which number on counts are shown to readers outside their owner (``thresholds.csv``), by figure and date.

Which figures are protected at all, and in which windows and breakdowns they are released, is the nation's
(``reference/data/disclosure.csv``).
"""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from reference.figures import FIGURES
from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, Record, at_most, day, optional, read_table, text

_MOST, _MOST_DAYS = 1_000_000, 3_660
"""What a mistyped threshold, or a wait of days (ten years), is not beyond."""
_COLUMNS = {
    "pattern": text,
    "valid_from": optional(day),
    "threshold": at_most(_MOST),
    "percent_base": at_most(_MOST),
    "lag_days": at_most(_MOST_DAYS),
    "edition_days": at_most(_MOST_DAYS),
    "basis": text,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """What the province decided for the figures of a pattern.

    Counts from 1 up to, not including, ``least`` are hidden; percentages need a base of at least ``percent_base``. A window
    is released ``lag_days`` after its end at the earliest, a new edition of it after ``edition_days``.
    """

    pattern: str
    valid_from: date | None
    least: int
    percent_base: int
    lag_days: int
    edition_days: int
    basis: str


def threshold_of(code: str, on: date) -> Threshold:
    """Return what is in force for a figure on the day: of the rows that match its code the longest pattern, then the latest."""
    found = [
        one
        for one in _thresholds()
        if fnmatchcase(code, one.pattern) and (one.valid_from is None or one.valid_from <= on)
    ]
    return max(found, key=lambda one: (len(one.pattern), one.valid_from or date.min))


@lru_cache(maxsize=1)
def _thresholds() -> tuple[Threshold, ...]:
    return read_thresholds(province())


def read_thresholds(of: Province) -> tuple[Threshold, ...]:
    """Return the thresholds of a pack.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "thresholds.csv", _COLUMNS, faults)
    for row in rows:
        if not any(fnmatchcase(code, row["pattern"]) for code in FIGURES):
            faults.append(row.broken("pattern", "must match a figure of the catalogue"))
        if row["threshold"] < 1:
            faults.append(row.broken("threshold", "must be 1 (nothing is hidden) or more"))
    # Without a row for everything, a figure that no pattern matches would have no threshold at all.
    if not faults and not any(row["pattern"] == "*" and row["valid_from"] is None for row in rows):
        faults.append(PackFault("thresholds.csv", 1, "pattern", "", "must have a row * without valid_from"))
    if faults:
        raise PackError(of.name, faults)
    return tuple(_threshold(row) for row in rows)


def _threshold(row: Record) -> Threshold:
    return Threshold(
        row["pattern"],
        row["valid_from"],
        row["threshold"],
        row["percent_base"],
        row["lag_days"],
        row["edition_days"],
        row["basis"],
    )
