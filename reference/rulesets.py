"""Versions of the figures' definitions: which rules a figure of a day was made by. The list is data (`rule-sets.csv`).

A version says what changed and whether the counting did. ``base``: how the figure has been counted from the start;
``owner``: another agency answers for it; ``nominal``: the law behind the records changed, the figure still counts the
same columns in the same way, and a report says so; ``counting``: the figure counts otherwise from that day on. No
version so far is one of the last kind: the registers hold no column that a changed rule would count by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, get_args

from reference.figures import FIGURES
from reference.tables import national_table

Effect = Literal["base", "owner", "nominal", "counting"]


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """A figure's definition from ``valid_from`` on (None = from the start). ``basis``: the law or the form behind it."""

    figure: str
    version: str
    valid_from: date | None
    effect: Effect
    basis: str
    vi: str
    en: str

    def document(self) -> dict[str, str | None]:
        """Return the rule set as an answer names it."""
        since = None if self.valid_from is None else self.valid_from.isoformat()
        return {"version": self.version, "basis": self.basis, "from": since}


def versions_of(figure: str) -> tuple[DefinitionVersion, ...]:
    """Return all versions of a figure's definition, earliest first.

    Raises:
        KeyError: no such figure.
    """
    return _versions()[figure]


def version_of(figure: str, day: date) -> DefinitionVersion:
    """Return the version in force on the day.

    Raises:
        KeyError: no such figure.
    """
    return [one for one in versions_of(figure) if one.valid_from is None or one.valid_from <= day][-1]


def versions_in(figure: str, first: date | None, last: date) -> list[DefinitionVersion]:
    """Return the versions in force at any day of a period, earliest first; of a day (``first`` None) the one."""
    began = version_of(figure, first or last)
    later = [
        one
        for one in versions_of(figure)
        if first is not None and one.valid_from is not None and first < one.valid_from <= last
    ]
    return [began, *later]


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, tuple[DefinitionVersion, ...]]:
    rows = national_table("rule-sets.csv")
    # A misspelt effect would let a change of counting pass as a change of name.
    if any(row["effect"] not in get_args(Effect) for row in rows):
        raise ValueError("rule-sets.csv: unknown effect")
    found = {}
    for code in FIGURES:
        own = [_version(code, row) for row in rows if fnmatchcase(code, row["figures"])]
        found[code] = tuple(sorted(own, key=lambda one: one.valid_from or date.min))
    return found


def _version(code: str, row: dict[str, str]) -> DefinitionVersion:
    since = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
    effect: Effect = row["effect"]  # type: ignore[assignment]
    return DefinitionVersion(code, row["version"], since, effect, row["basis"], row["vi"], row["en"])
