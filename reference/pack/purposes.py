"""What identities may be read for (``purposes.csv``): a list of the province, since a text of the reader's own could name somebody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Record,
    day,
    in_force,
    optional,
    overlapping,
    read_table,
    text,
)

_FILE = "purposes.csv"
_CODE = re.compile(r"[a-z][a-z_]{2,30}")
_COLUMNS = {
    "code": text,
    "vi": text,
    "en": text,
    "valid_from": optional(day),
    "valid_to": optional(day),
    "basis": text,
}


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose, in both languages, with the law or decision that it rests on."""

    code: str
    vi: str
    en: str
    basis: str


def purposes_on(on: date) -> Mapping[str, Purpose]:
    """Return the purposes in force on the day, by code."""
    return {
        row["code"]: Purpose(row["code"], row["vi"], row["en"], row["basis"])
        for row in _rows()
        if in_force(row["valid_from"], row["valid_to"], on)
    }


@lru_cache(maxsize=1)
def _rows() -> tuple[Record, ...]:
    return read_purposes(province())


def read_purposes(of: Province) -> tuple[Record, ...]:
    """Return the rows of a pack's list.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, _FILE, _COLUMNS, faults)
    faults += [
        row.broken("code", "must be small letters and _") for row in rows if not _CODE.fullmatch(row["code"])
    ]
    faults += [
        row.broken("valid_from", "must not overlap another validity") for row in overlapping(rows, "code")
    ]
    if faults:
        raise PackError(of.name, faults)
    return tuple(rows)
