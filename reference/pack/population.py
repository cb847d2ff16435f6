"""How many people live in an area (``population.csv``): published numbers alone, each from its day on; nothing is estimated.

An area without a published number has none, and nobody computes one from its parts or from the area above it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.hierarchy import AreaBook
from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, day, read_table, text, whole

_FILE = "population.csv"
_COLUMNS = {"area_uid": text, "valid_from": day, "persons": whole, "basis": text}


@dataclass(frozen=True, slots=True)
class Population:
    """The people of an area from a day on, until a later number; ``basis`` says who published it."""

    since: date
    persons: int
    basis: str


def population_of(uid: str, on: date) -> Population | None:
    """Return the latest number that was published for the area for a day on or before this one; None where there is none."""
    known = [one for one in _numbers().get(uid, ()) if one.since <= on]
    return max(known, key=lambda one: one.since, default=None)


@lru_cache(maxsize=1)
def _numbers() -> Mapping[str, tuple[Population, ...]]:
    return read_population(province())


def read_population(of: Province, book: AreaBook | None = None) -> Mapping[str, tuple[Population, ...]]:
    """Return the numbers of a pack by uid; their areas are checked where ``book`` is given.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, _FILE, _COLUMNS, faults)
    seen: set[tuple[str, date]] = set()
    found: dict[str, list[Population]] = defaultdict(list)
    for row in rows:
        area = None if book is None else book.by_uid.get(row["area_uid"])
        if book is not None and (area is None or not area.exists_on(row["valid_from"])):
            faults.append(row.broken("area_uid", "must be an area of areas.csv on valid_from"))
        if not row["persons"]:
            faults.append(row.broken("persons", "must be 1 or more"))
        if (row["area_uid"], row["valid_from"]) in seen:
            faults.append(row.broken("valid_from", "must not stand twice for one area"))
        seen.add((row["area_uid"], row["valid_from"]))
        found[row["area_uid"]].append(Population(row["valid_from"], row["persons"], row["basis"]))
    if faults:
        raise PackError(of.name, faults)
    return {uid: tuple(numbers) for uid, numbers in found.items()}
