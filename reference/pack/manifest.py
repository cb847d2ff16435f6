"""The manifest of a province pack (``pack.toml``): which province it is, and how its other files are to be read."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from reference.settings import ReferenceSettings
from reference.tables import PackError, PackFault

MANIFEST = "pack.toml"
TIME_ZONE = "Asia/Ho_Chi_Minh"
"""The clock by which registers, days and documents are written; all of Việt Nam has the same."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ShapeFile:
    """A TopoJSON file of the communes of ``day``; ``object`` is the collection in it. File names are below the pack."""

    file: str
    object: str
    day: date
    licence: str
    source: str


@dataclass(frozen=True, slots=True)
class Province:
    """The province of a pack.

    ``setting`` is the value of ``KHOPSO_PROVINCE`` by which another process finds the pack, wherever it runs. ``area_uid`` names it as it first was; what it became follows from the lineage. ``committee_unit`` is the unit of its
    steering committee, ``first_day`` the day of the first hierarchy that the pack holds. The districts of ``regions_on``
    are the reporting regions of all days. ``by_shape`` says whether successors that are known by their shapes alone count.
    """

    name: str
    setting: str
    folder: Traversable
    code: str
    area_uid: str
    vi: str
    en: str
    committee_unit: str
    first_day: date
    regions_on: date
    by_shape: bool
    shapes: tuple[ShapeFile, ...]

    def broken(self, field: str, value: str, rule: str) -> PackFault:
        """Return the fault of a field of the manifest that does not fit what other files of the pack say."""
        written = self.folder.joinpath(MANIFEST).read_text(encoding="utf-8")
        return PackFault(MANIFEST, _line_of(written, field), field, value, rule)


@lru_cache(maxsize=1)
def province() -> Province:
    """Return the province that this process serves: the pack that ``KHOPSO_PROVINCE`` names, read once.

    Raises:
        PackError: there is no such pack, or its manifest is not valid.
    """
    return open_province(ReferenceSettings().province)


def open_province(chosen: str) -> Province:
    """Return the province of the pack with that name below ``provinces/``, or in the folder of that path.

    Raises:
        PackError: there is no such pack, or its manifest is not valid.
    """
    named = _NAME.fullmatch(chosen) is not None
    try:
        place = Path(chosen).expanduser().absolute()
        folder: Traversable = files("provinces").joinpath(chosen) if named else place
        written = folder.joinpath(MANIFEST).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PackError(chosen, [PackFault(MANIFEST, 1, "file", "", "must be UTF-8")]) from None
    # A path may begin with the home of a user that there is not (``~nobody/pack``), which is no OSError.
    except (OSError, RuntimeError):
        there = ", ".join(pack_names())
        rule = f"must be one of {there}, or the path of a folder with a {MANIFEST}"
        raise PackError(chosen, [PackFault(MANIFEST, 1, "KHOPSO_PROVINCE", chosen, rule)]) from None
    faults: list[PackFault] = []
    found = _province(chosen if named else str(place), folder, written, faults)
    if found is None or faults:
        raise PackError(chosen, faults)
    return found


def pack_names() -> list[str]:
    """Return the names of the packs that are shipped."""
    folders = files("provinces").iterdir()
    return sorted(folder.name for folder in folders if folder.joinpath(MANIFEST).is_file())


def _province(setting: str, folder: Traversable, written: str, faults: list[PackFault]) -> Province | None:
    try:
        given = tomllib.loads(written)
    # A number of thousands of digits is a plain ValueError, and brackets may be nested without end.
    except (ValueError, RecursionError) as broken:
        line = re.search(r"line ([0-9]+)", str(broken))
        rule = f"must be TOML: {broken}"
        faults.append(PackFault(MANIFEST, int(line[1]) if line else 1, "file", "", rule))
        return None
    reading = _Reading(written, faults)
    reading.known("", given, {*_TABLES, "shapes"})
    tables = {table: reading.fields(table, given.get(table), fields) for table, fields in _TABLES.items()}
    shapes = [reading.fields("shapes", one, _SHAPE) for one in reading.list_of_tables("shapes", given)]
    if faults:
        return None
    main = tables["province"]
    return Province(
        name=folder.name,
        setting=setting,
        folder=folder,
        code=main["code"],
        area_uid=main["area_uid"],
        vi=main["vi"],
        en=main["en"],
        committee_unit=main["committee_unit"],
        first_day=main["first_day"],
        regions_on=tables["regions"]["day"],
        by_shape=tables["lineage"]["by_shape"],
        shapes=tuple(ShapeFile(**one) for one in shapes),
    )


def _matching(pattern: str, rule: str) -> Callable[[Any], str | None]:
    """Return a check that answers with the rule where a value is no string of the pattern."""
    return lambda value: None if isinstance(value, str) and re.fullmatch(pattern, value) else rule


def _is_day(value: Any) -> str | None:
    # In Python a datetime is a date too, and a day with a time of day has no meaning here.
    plain = isinstance(value, date) and not isinstance(value, datetime)
    return None if plain else "must be a date without quotes, yyyy-mm-dd"


_TEXT = _matching(r"\S.*", "must be a text that is not blank")
_SHAPE = {
    "file": _matching(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", "must be the name of a file below the pack"),
    "object": _TEXT,
    "day": _is_day,
    "licence": _TEXT,
    "source": _TEXT,
}
_TABLES: Mapping[str, Mapping[str, Callable[[Any], str | None]]] = {
    "province": {
        "code": _matching(r"[0-9]{2}", "must be a province's code of two digits, in quotes"),
        "area_uid": _matching(r"[0-9]{2}@[0-9]{4}", "must be code@year, in quotes"),
        "vi": _TEXT,
        "en": _TEXT,
        "committee_unit": _matching(r"committee:[0-9]{2}", "must be committee: and the province's code"),
        "time_zone": _matching(TIME_ZONE, f"must be {TIME_ZONE}: registers are written by that clock"),
        "first_day": _is_day,
    },
    "regions": {"day": _is_day},
    "lineage": {"by_shape": lambda value: None if isinstance(value, bool) else "must be true or false"},
}


class _Reading:
    """Checks the parts of one manifest and says in which line a fault stands."""

    def __init__(self, written: str, faults: list[PackFault]) -> None:
        self._written, self._faults = written, faults

    def known(self, table: str, given: Mapping[str, Any], fields: set[str]) -> None:
        """Add a fault for every key that nobody reads."""
        for key, value in given.items():
            # A misspelt key, left out without a word, would make the province run on another value than written.
            if key not in fields:
                rule = f"is not known here; known are {', '.join(sorted(fields))}"
                self._fault(table, key, "" if isinstance(value, dict) else str(value), rule)

    def fields(
        self, table: str, given: Any, fields: Mapping[str, Callable[[Any], str | None]]
    ) -> dict[str, Any]:
        """Return the values of a table; missing, unknown and wrong ones are faults."""
        if not isinstance(given, dict):
            self._fault("", table, "", f"must be a table [{table}]")
            return {}
        self.known(table, given, set(fields))
        for key, check in fields.items():
            broken = "is missing" if key not in given else check(given[key])
            if broken is not None:
                self._fault(table, key, str(given.get(key, "")), broken)
        return given

    def list_of_tables(self, key: str, given: Mapping[str, Any]) -> list[Any]:
        """Return the tables ``[[key]]``, none where there is no such key."""
        found = given.get(key, [])
        if isinstance(found, list):
            return found
        self._fault("", key, str(found), f"must be a list of tables [[{key}]]")
        return []

    def _fault(self, table: str, key: str, value: str, rule: str) -> None:
        field = f"{table}.{key}" if table else key
        self._faults.append(PackFault(MANIFEST, _line_of(self._written, field), field, value, rule))


def _line_of(written: str, field: str) -> int:
    """Return the line in which a field of a table stands, else that of its table, else 1."""
    table, _, key = field.rpartition(".")
    inside, heading = not table, 1
    for number, line in enumerate(written.splitlines(), 1):
        begun = re.match(r"\s*\[+\s*([\w.]+)", line)
        if begun is not None:
            inside = begun[1] == (table or key)
            heading = number if inside else heading
        elif inside and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return heading
