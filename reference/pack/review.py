"""How much agreement counts for one person, and from how much on a pair is shown (``review-weights.csv``), by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, Record, day, optional, read_table, text

REVIEW_LEVELS: Mapping[str, tuple[str, ...]] = {
    "full_name": ("same", "letters", "part", "like", "differ"),
    "birth_date": ("same", "swapped", "near", "year", "differ", "unknown"),
    "sex": ("same", "differ"),
    "national_id": ("same", "near", "differ", "unknown"),
    "commune": ("same", "differ", "unknown"),
}
"""The fields that are compared, each with the levels of agreement that it can have."""
_THRESHOLDS = {"threshold": ("shown", "likely")}
_FILE = "review-weights.csv"
_MOST = 1_000


def _weight(cell: str) -> int:
    try:
        found = int(cell)
    except ValueError:
        raise ValueError("must be a whole number") from None
    if abs(found) > _MOST:
        raise ValueError(f"must be from -{_MOST} to {_MOST}")
    return found


_COLUMNS = {"valid_from": optional(day), "field": text, "level": text, "weight": _weight, "basis": text}


@dataclass(frozen=True, slots=True)
class ReviewWeights:
    """Weights in tenths of a bit by field and level of agreement; positive ones speak for one person.

    A pair whose weights add up to ``shown`` or more is shown to whoever decides; from ``likely`` on it is called likely.
    """

    of: Mapping[tuple[str, str], int]
    shown: int
    likely: int


def review_weights(on: date) -> ReviewWeights:
    """Return the weights of the province on the day."""
    return weights_on(read_review_weights_once(), on)


@lru_cache(maxsize=1)
def read_review_weights_once() -> tuple[Record, ...]:
    """Return the rows of the province that is served."""
    return read_review_weights(province())


def weights_on(rows: tuple[Record, ...], on: date) -> ReviewWeights:
    """Return what is in force on the day: of each field and level the latest row that has begun."""
    begun = [row for row in rows if row["valid_from"] is None or row["valid_from"] <= on]
    begun.sort(key=lambda row: row["valid_from"] or date.min)
    found = {(row["field"], row["level"]): row["weight"] for row in begun}
    return ReviewWeights(found, found["threshold", "shown"], found["threshold", "likely"])


def read_review_weights(of: Province) -> tuple[Record, ...]:
    """Return the rows of a pack.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, _FILE, _COLUMNS, faults)
    expected = {
        (field, level) for field, levels in {**REVIEW_LEVELS, **_THRESHOLDS}.items() for level in levels
    }
    faults += (
        row.broken("level", "must be a level of the field")
        for row in rows
        if (row["field"], row["level"]) not in expected
    )
    undated = {(row["field"], row["level"]) for row in rows if row["valid_from"] is None}
    if not faults:
        faults += (
            PackFault(_FILE, 1, "valid_from", f"{field} {level}", "must have a row without a day")
            for field, level in sorted(expected - undated)
        )
    if not faults and weights_on(tuple(rows), date.max).likely < weights_on(tuple(rows), date.max).shown:
        faults.append(PackFault(_FILE, 1, "weight", "threshold", "likely must be shown or more"))
    if faults:
        raise PackError(of.name, faults)
    return tuple(rows)
