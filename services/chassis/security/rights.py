"""The authority table of the province, indexed for one day: which rows can grant what is asked, without a search.

The rows themselves are read and checked by ``reference.pack.authority``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contracts.forms import FORMS
from reference import Record, authority

ANY = "*"
_DAYS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Rights:
    """The rows in force on one day: of hand-ins, sharing, classes and papers by form, of reading by role, of other actions by name."""

    hand_in: Mapping[str, tuple[Record, ...]]
    reading: Mapping[str, tuple[Record, ...]]
    sharing: Mapping[str, tuple[Record, ...]]
    classes: Mapping[str, tuple[Record, ...]]
    actions: Mapping[str, tuple[Record, ...]]
    papers: Mapping[str, tuple[Record, ...]]
    limits: tuple[Record, ...]
    keepers: Mapping[str, frozenset[str]]
    """By form: the kinds of unit that keep a register of it themselves, or ever did: records outlive a right."""


@lru_cache(maxsize=_DAYS_KEPT)
def rights_on(day: date) -> Rights:
    """Return the rights of the province's units on the day."""
    table = authority(frozenset(FORMS))
    return Rights(
        _by("form", table.on("hand-in", day)),
        _by("role", table.on("reading", day)),
        _by("form", table.on("sharing", day)),
        _by("form", table.on("classes", day)),
        _by("action", table.on("actions", day)),
        _by("form", table.on("papers", day)),
        tuple(table.on("limits", day)),
        {
            form: frozenset(row["kind"] for row in rows if row["reach"] == "own") - {ANY}
            for form, rows in _by("form", table.rows["hand-in"]).items()
        },
    )


def _by(column: str, rows: Iterable[Record]) -> dict[str, tuple[Record, ...]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return {name: tuple(those) for name, those in found.items()}
