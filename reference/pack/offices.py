"""The offices that issue documents about an area, and what their documents print (``offices.csv``, ``letterhead.csv``).

A row holds for the areas of one level during one validity. Texts name areas by places in braces: ``{area}``, the area
above as ``{parent}``, ``{province}``, each as within a sentence; in capitals ``{AREA}`` …; ``{place}`` is the area's name
without its kind. ``|`` splits lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import get_args

from reference.hierarchy import Level
from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Parse,
    Record,
    any_text,
    day,
    in_force,
    listed,
    one_of,
    optional,
    overlapping,
    read_table,
    template,
    text,
)

AGENCIES = ("committee", "police", "health", "labour")
_TEMPLATE = template("area", "parent", "province", "AREA", "PARENT", "PROVINCE", "place")


@dataclass(frozen=True, slots=True)
class IssuingOffice:
    """An office and its letterhead as they are on one day; texts are not filled in yet.

    ``superior`` and ``body`` are the lines at the top left, ``place`` the place name before the date, ``symbol`` the
    document's symbol, ``signed_for`` and ``signatory`` the lines above the signature, ``recipients`` the list below it.
    """

    office: str
    level: Level
    name: str
    superior: tuple[str, ...]
    body: tuple[str, ...]
    place: str
    symbol: str
    signed_for: str
    signatory: tuple[str, ...]
    recipients: tuple[str, ...]


def issuing_office(office: str, level: Level, on: date) -> IssuingOffice | None:
    """Return the office of an agency for areas of that level on the day; None where there is none."""
    named, printed = (_at(rows, office, level, on) for rows in _offices())
    if named is None or printed is None:
        return None
    texts = {column: printed[column] for column in _TEXTS}
    return IssuingOffice(office, level, named["name"], **texts)


def _at(rows: tuple[Record, ...], office: str, level: str, on: date) -> Record | None:
    return next(
        (
            row
            for row in rows
            if (row["office"], row["level"]) == (office, level)
            and in_force(row["valid_from"], row["valid_to"], on)
        ),
        None,
    )


_KEY = {
    "office": one_of(*AGENCIES),
    "level": one_of(*get_args(Level)),
    "valid_from": optional(day),
    "valid_to": optional(day),
}
_TEXTS: dict[str, Parse] = {
    "superior": listed("|", _TEMPLATE),
    "body": listed("|", _TEMPLATE),
    "place": _TEMPLATE,
    "symbol": text,
    "signed_for": any_text,
    "signatory": listed("|"),
    "recipients": listed(";", _TEMPLATE),
}


@lru_cache(maxsize=1)
def _offices() -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    return read_offices(province())


def read_offices(of: Province) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Return the rows of offices and those of letterheads.

    Raises:
        PackError: with every fault of the two tables.
    """
    faults: list[PackFault] = []
    offices = read_table(of.folder, "offices.csv", {**_KEY, "name": _TEMPLATE, "basis": text}, faults)
    printed = read_table(of.folder, "letterhead.csv", {**_KEY, **_TEXTS, "basis": text}, faults)
    if not faults:
        for rows in (offices, printed):
            again = overlapping(rows, "office", "level")
            faults += (row.broken("valid_from", "must not overlap another validity") for row in again)
        faults += _without_letterhead(offices, printed)
    if faults:
        raise PackError(of.name, faults)
    return tuple(offices), tuple(printed)


def _without_letterhead(offices: list[Record], printed: list[Record]) -> Iterator[PackFault]:
    """Faults of offices that have no letterhead on some day: on their first, or when one of theirs ends."""
    for office in offices:
        own = [row for row in printed if all(row[key] == office[key] for key in ("office", "level"))]
        first = office["valid_from"] or date.min
        # A gap is found when it opens: on the office's first day, or when one of its letterheads ends.
        days = [first, *(row["valid_to"] for row in own if row["valid_to"] and row["valid_to"] > first)]
        for on in days:
            covered = any(in_force(row["valid_from"], row["valid_to"], on) for row in own)
            if in_force(office["valid_from"], office["valid_to"], on) and not covered:
                yield office.broken("office", f"must have a row in letterhead.csv on {on}")
