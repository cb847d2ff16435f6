"""Calendars, periods and send-by dates that are the province's own, beside those of the nation (``reference/data``).

The province may add a calendar (``calendars.csv``, ``periods.csv``), and send-by dates of its own to any calendar
(``deadlines.csv``).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Parse,
    Record,
    any_text,
    day,
    day_of_year,
    listed,
    national_table,
    optional,
    read_table,
    text,
    whole,
)


def _year_offset(cell: str) -> int:
    if cell not in ("-1", "0", "1"):
        raise ValueError("must be -1, 0 or 1: years from the year in the period's code")
    return int(cell)


def _code(cell: str) -> str:
    if not cell.startswith("{y}"):
        raise ValueError("must begin with {y}, where the year stands")
    return cell


_TABLES: Mapping[str, Mapping[str, Parse]] = {
    "calendars.csv": {
        "calendar": text,
        "vi": text,
        "en": text,
        "owners": listed(" "),
        "figures": listed(" "),
        "basis": text,
    },
    "periods.csv": {
        "calendar": text,
        "kind": text,
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
        "kind": text,
        "level": text,
        "months_after": whole,
        "day": whole,
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
    own = {row["calendar"] for row in found["calendars.csv"]}
    timed = {row["calendar"] for row in found["periods.csv"]}
    for row in found["calendars.csv"]:
        if row["calendar"] in nation:
            yield row.broken("calendar", "must not be one of the nation's calendars")
        if row["calendar"] not in timed:
            yield row.broken("calendar", "must have a period in periods.csv")
    for row in found["periods.csv"]:
        if row["calendar"] not in own:
            yield row.broken("calendar", "must be a calendar of the pack's calendars.csv")
    for row in found["deadlines.csv"]:
        if row["calendar"] not in own | nation:
            yield row.broken("calendar", "must be a calendar of the pack or of the nation")
        if not 1 <= row["day"] <= 28:
            yield row.broken("day", "must be 1 to 28: every month has it")
