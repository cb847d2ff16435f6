"""The areas of the province and their lineage, read from its pack (``areas.csv``, ``lineage.csv``) and checked."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import get_args

from reference.digits import digits_only
from reference.hierarchy import Area, AreaBook, Basis, Level, Succession
from reference.pack.manifest import Province, province
from reference.tables import (
    PackError,
    PackFault,
    Record,
    between,
    day,
    in_force,
    one_of,
    optional,
    overlapping,
    read_table,
    text,
)

_LEVELS = get_args(Level)
_DIGITS = {"province": 2, "district": 3, "commune": 5}
_AREAS = {
    "area_uid": text,
    "code": text,
    "name": text,
    "level": one_of(*_LEVELS),
    "parent_uid": optional(text),
    "valid_from": optional(day),
    "valid_to": optional(day),
    "lat": optional(between(8, 24)),
    "lon": optional(between(102, 118)),
}
_LINEAGE = {
    "effective_on": day,
    "from_uid": text,
    "to_uid": optional(text),
    "kind": one_of("whole", "part", "unknown"),
    "basis": one_of(*get_args(Basis)),
    "main": one_of("", "yes"),
    "share": optional(between(0, 1)),
}


@lru_cache(maxsize=1)
def area_book() -> AreaBook:
    """Return the areas of the province that this process serves.

    Raises:
        PackError: the pack's areas or lineage are not valid.
    """
    return read_areas(province())


def read_areas(of: Province) -> AreaBook:
    """Return the areas of a pack with their lineage.

    Raises:
        PackError: with every fault of the two tables and of what the manifest says of them.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "areas.csv", _AREAS, faults)
    steps = read_table(of.folder, "lineage.csv", _LINEAGE, faults)
    # The checks between the tables need every cell; with a broken one they would report faults that are none.
    if not faults:
        areas = {row["area_uid"]: _area(row) for row in rows}
        faults += _faults_of_areas(rows, areas)
        faults += _faults_of_lineage(steps, areas, rows)
        faults += _faults_of_manifest(of, areas)
    if faults:
        raise PackError(of.name, faults)
    used = [row for row in steps if of.by_shape or row["basis"] != "by_shape"]
    return AreaBook(areas.values(), [_succession(row) for row in used], of.first_day)


@lru_cache(maxsize=1)
def areas_digest() -> str:
    """Return a SHA-256 of all that decides where records belong: areas without their coordinates, lineage, regions."""
    of, book = province(), area_book()
    # The order must not depend on that of the file: the same areas in another order are the same book.
    areas = sorted(
        (area.uid, area.name, area.level, area.parent_uid, str(area.valid_from), str(area.valid_to))
        for area in book.by_uid.values()
    )
    steps = [
        (step.from_uid, step.to_uid, str(step.effective_on), step.kind, step.main)
        for uid, *_ in areas
        for step in book.successions(uid)
    ]
    told = [of.area_uid, str(of.first_day), str(of.regions_on), areas, steps]
    return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _area(row: Record) -> Area:
    return Area(
        row["area_uid"],
        row["code"],
        row["name"],
        row["level"],
        row["parent_uid"],
        row["valid_from"],
        row["valid_to"],
        row["lat"],
        row["lon"],
    )


def _succession(row: Record) -> Succession:
    return Succession(
        row["effective_on"],
        row["from_uid"],
        row["to_uid"],
        row["kind"],
        row["basis"],
        row["main"] == "yes",
        row["share"],
    )


def _faults_of_areas(rows: list[Record], areas: Mapping[str, Area]) -> Iterator[PackFault]:
    seen: set[str] = set()
    for row in rows:
        uid, parent = row["area_uid"], row["parent_uid"]
        if uid in seen:
            yield row.broken("area_uid", "must not occur twice")
        seen.add(uid)
        if uid.partition("@")[0] != row["code"] or not digits_only(uid.partition("@")[2]):
            yield row.broken("area_uid", f"must be {row['code']}@ and a year")
        if len(row["code"]) != _DIGITS[row["level"]] or not digits_only(row["code"]):
            yield row.broken(
                "code", f"must have {_DIGITS[row['level']]} digits, as codes of a {row['level']} have"
            )
        if (row["lat"] is None) != (row["lon"] is None):
            yield row.broken("lat", "must stand together with lon")
        above = areas.get(parent) if parent else None
        if (row["level"] == "province") != (parent is None):
            yield row.broken("parent_uid", "must be there, but for provinces")
        elif parent and above is None:
            yield row.broken("parent_uid", "must be an area_uid of the table")
        elif above and _LEVELS.index(above.level) >= _LEVELS.index(row["level"]):
            yield row.broken("parent_uid", f"must be an area above a {row['level']}")
        elif above and not _within(row, above):
            yield row.broken("parent_uid", "must be an area that exists as long as this one")
    for row in overlapping(rows, "code"):
        yield row.broken("valid_from", "must not overlap another validity of the same code")


def _within(row: Record, above: Area) -> bool:
    """Return whether an area lasts no longer, in either direction, than the one above it."""
    begun = (above.valid_from or date.min) <= (row["valid_from"] or date.min)
    return begun and (row["valid_to"] or date.max) <= (above.valid_to or date.max)


def _faults_of_lineage(
    steps: list[Record], areas: Mapping[str, Area], rows: list[Record]
) -> Iterator[PackFault]:
    told: dict[str, list[Record]] = defaultdict(list)
    for step in steps:
        origin, successor = areas.get(step["from_uid"]), areas.get(step["to_uid"] or "")
        if origin is None or origin.valid_to is None:
            yield step.broken("from_uid", "must be an area that ended")
            continue
        told[origin.uid].append(step)
        if (step["kind"] == "unknown") != (step["to_uid"] is None):
            yield step.broken("to_uid", "must be blank where the kind is unknown, and only there")
        elif step["to_uid"] and (successor is None or not successor.exists_on(step["effective_on"])):
            yield step.broken("to_uid", "must be an area that exists on effective_on")
        elif successor and successor.level != origin.level:
            yield step.broken("to_uid", f"must be a {origin.level} as well")
        if step["basis"] == "by_shape" and step["effective_on"] <= origin.valid_to:
            yield step.broken(
                "effective_on", f"must be after {origin.valid_to}: what it became then has a row"
            )
        elif step["basis"] != "by_shape" and step["effective_on"] != origin.valid_to:
            yield step.broken("effective_on", f"must be {origin.valid_to}, when the area ended")
        measured = step["kind"] == "part" or step["basis"] == "by_shape"
        if measured != (step["share"] is not None):
            yield step.broken("share", "must be there for parts and rows by shape, and only for them")
    for found in told.values():
        yield from _faults_of_one(found)
    for row in rows:
        if row["level"] == "commune" and row["valid_to"] and row["area_uid"] not in told:
            yield row.broken("valid_to", "must have a row in lineage.csv: what the commune became")


def _faults_of_one(steps: list[Record]) -> Iterator[PackFault]:
    """Faults of what is told of one area: one whole, or several parts; a row by shape only beside an unknown."""
    shaped = [step for step in steps if step["basis"] == "by_shape"]
    sure = [step for step in steps if step["basis"] != "by_shape"]
    kinds = {step["kind"] for step in sure}
    if len(kinds) > 1 or (kinds != {"part"} and len(sure) > 1) or (kinds == {"part"} and len(sure) < 2):
        yield sure[0].broken("kind", "must be one whole, one unknown, or several parts of the same area")
    if shaped and (kinds != {"unknown"} or len(shaped) > 1 or shaped[0]["kind"] != "whole"):
        yield shaped[0].broken("basis", "must be one whole beside a row of the kind unknown")


def _faults_of_manifest(of: Province, areas: Mapping[str, Area]) -> Iterator[PackFault]:
    own = areas.get(of.area_uid)
    if own is None or own.level != "province" or own.code != of.code:
        yield of.broken("province.area_uid", of.area_uid, f"must be the province {of.code} of areas.csv")
        return
    if of.committee_unit != f"committee:{of.code}":
        yield of.broken("province.committee_unit", of.committee_unit, f"must be committee:{of.code}")
    if not own.exists_on(of.first_day):
        yield of.broken("province.first_day", str(of.first_day), "must be a day on which the province exists")
    if not in_force(of.first_day, own.valid_to, of.regions_on):
        yield of.broken("regions.day", str(of.regions_on), "must be a day on which the province exists")
    for shapes in of.shapes:
        if shapes.day < of.first_day:
            yield of.broken("shapes.day", str(shapes.day), f"must not be before {of.first_day}")
