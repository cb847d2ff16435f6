"""Calendars, periods and send-by dates that are the province's own, beside those of the nation (``reference/data``).

The province may add a calendar (``calendars.csv``, ``periods.csv``), and send-by dates of its own to any calendar
(``deadlines.csv``).
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from reference.figures import FIGURES
from reference.pack.manifest import Province, province
from reference.pack.offices import AGENCIES
from reference.tables import (
    PackError,
    PackFault,
    Parse,
    Record,
    any_text,
    at_most,
    day,
    day_of_year,
    listed,
    national_table,
    one_of,
    optional,
    overlapping,
    read_table,
    text,
)

_KINDS = ("year", "half", "nine_months", "quarter", "month")
_LEVELS = ("commune", "facility", "district", "province", "police", "department", "ministry")
"""Who sends: levels of the administration and, in the police, a district's or a department's own."""
_MOST_MONTHS = 24


def _year_offset(cell: str) -> int:
    if cell not in ("-1", "0", "1"):
        raise ValueError("must be -1, 0 or 1: years from the year in the period's code")
    return int(cell)


def _code(cell: str) -> str:
    if not re.fullmatch(r"\{y\}(-[A-Z0-9]{1,4})?", cell):
        raise ValueError("must be {y}, where the year stands, or {y}- and up to four capitals or digits")
    return cell


def _figures(cell: str) -> str:
    if not any(fnmatchcase(code, cell) for code in FIGURES):
        raise ValueError("must match figures of the catalogue")
    return cell


_TABLES: Mapping[str, Mapping[str, Parse]] = {
    "calendars.csv": {
        "calendar": text,
        "vi": text,
        "en": text,
        "owners": listed(" ", one_of(*AGENCIES, "*")),
        "figures": listed(" ", _figures),
        "basis": text,
    },
    "periods.csv": {
        "calendar": text,
        "kind": one_of(*_KINDS),
        "code": _code,
        "first_year": _year_offset,
        "first": day_of_year,
        "after_year": _year_offset,
        "after": day_of_year,
        "valid_from": optional(day),
        "valid_to": optional(day),
        "basis": text,
    },
    "deadlines.csv": {
        "calendar": text,
        "kind": one_of("*", *_KINDS),
        "level": one_of(*_LEVELS),
        "months_after": at_most(_MOST_MONTHS),
        "day": at_most(31),
        "valid_from": optional(day),
        "valid_to": optional(day),
        "wording": any_text,
        "basis": text,
    },
}


def calendar_rows(name: str) -> list[Mapping[str, str]]:
    """Return the rows of a table of calendars: the nation's, then the province's.

    Raises:
        PackError: the pack's calendars are not valid.
    """
    return [*national_table(name), *(row.texts for row in _own()[name])]


@lru_cache(maxsize=1)
def _own() -> Mapping[str, tuple[Record, ...]]:
    return read_calendars(province())


def read_calendars(of: Province) -> Mapping[str, tuple[Record, ...]]:
    """Return the rows of a pack's tables of calendars, by file.

    Raises:
        PackError: with every fault of the three tables.
    """
    faults: list[PackFault] = []
    found = {name: tuple(read_table(of.folder, name, columns, faults)) for name, columns in _TABLES.items()}
    if not faults:
        faults += _faults(found)
    if faults:
        raise PackError(of.name, faults)
    return found


def _faults(found: Mapping[str, tuple[Record, ...]]) -> Iterator[PackFault]:
    nation = {row["calendar"] for row in national_table("calendars.csv")}
    timed = {row["calendar"] for row in found["periods.csv"]}
    own: set[str] = set()
    for row in found["calendars.csv"]:
        if row["calendar"] in nation:
            yield row.broken("calendar", "must not be one of the nation's calendars")
        if row["calendar"] in own:
            yield row.broken("calendar", "must not occur twice")
        if row["calendar"] not in timed:
            yield row.broken("calendar", "must have a period in periods.csv")
        own.add(row["calendar"])
    for row in found["periods.csv"]:
        if row["calendar"] not in own:
            yield row.broken("calendar", "must be a calendar of the pack's calendars.csv")
        if (row["after_year"], row["after"]) <= (row["first_year"], row["first"]):
            yield row.broken("after", "must be after the period's first day")
    for row in overlapping(found["periods.csv"], "calendar", "code"):
        yield row.broken("valid_from", "must not overlap another validity of the same period")
    for row in found["deadlines.csv"]:
        if row["calendar"] not in own | nation:
            yield row.broken("calendar", "must be a calendar of the pack or of the nation")
        if not 1 <= row["day"] <= 28:
            yield row.broken("day", "must be 1 to 28: every month has it")
