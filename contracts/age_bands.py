"""Age bands of persons, and the reading chosen where the national list is ambiguous. The list is data (`age-bands.csv`).

Ages are completed years on the day: a person enters a band on the birthday itself. Who was born on 29 February turns a
year older on 1 March in other years.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Ages from ``from_age`` up to, not including, ``below_age`` (None = no upper end), in completed years."""

    band: str
    from_age: int
    below_age: int | None
    reading: str
    reason: str
    basis: str


@lru_cache(maxsize=1)
def age_bands() -> tuple[AgeBand, ...]:
    """The bands, youngest first; each begins where the one before it ends."""
    text = files("contracts").joinpath("data", "age-bands.csv").read_text(encoding="utf-8")
    found = tuple(
        AgeBand(
            row["band"],
            int(row["from_age"]),
            int(row["below_age"]) if row["below_age"] else None,
            row["reading"],
            row["reason"],
            row["basis"],
        )
        for row in csv.DictReader(text.splitlines())
    )
    if any(lower.below_age != upper.from_age for lower, upper in pairwise(found)):
        raise ValueError("age-bands.csv: the bands overlap or leave a gap")
    return found
