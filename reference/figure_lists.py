"""Sets of figures that are closed and reported together, as effective-dated data (``reference/data/figure-sets.csv``).

Who answers for a figure changes (detox moved to the police on 1 March 2025), so what a set holds depends on the day.
"""

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

from reference.figures import FIGURES
from reference.tables import national_table


@dataclass(frozen=True, slots=True)
class SetRow:
    """One row of the data: the set ``code`` holds the figures that match ``patterns`` in [valid_from, valid_to)."""

    code: str
    vi: str
    en: str
    patterns: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    basis: str

    def holds_on(self, day: date) -> bool:
        """Return whether the row counts on the day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@lru_cache(maxsize=1)
def figure_sets() -> dict[str, tuple[SetRow, ...]]:
    """Return every set by its code, with its rows."""
    found: dict[str, tuple[SetRow, ...]] = {}
    for row in national_table("figure-sets.csv"):
        made = SetRow(
            row["set"],
            row["vi"],
            row["en"],
            tuple(row["figures"].split()),
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["basis"],
        )
        found[made.code] = (*found.get(made.code, ()), made)
    return found


def figures_of(code: str, day: date) -> tuple[str, ...]:
    """Return the figures of a set on a day, in the order of the catalogue; empty where the set holds none then.

    Raises:
        KeyError: no such set.
    """
    patterns = [pattern for row in figure_sets()[code] if row.holds_on(day) for pattern in row.patterns]
    return tuple(figure for figure in FIGURES if any(fnmatchcase(figure, pattern) for pattern in patterns))
