"""Communes by name instead of code: taken where one commune of the day and of the unit's district has it.

Names come with or without Xã, Phường, Thị trấn, and without diacritics. One that two communes have, or none, is a fault that
names those that may be meant. The day of the row decides, so a row of before a merger names communes of then.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache

from contracts.forms import normalise_header
from reference import Area, area_book, national_table
from services.linkage import normalise_name
from services.registers.coded_cells import CommuneName
from services.registers.row import CellFault, Row

NAMED = "commune_named"
"""The rule of a note: the commune was written by its name, and read as this one."""
_LIKE = 0.75
_MOST = 4


@dataclass(frozen=True, slots=True)
class _Listed:
    """A commune with what its name is compared by: with the word for its kind and without, with diacritics and without."""

    area: Area
    keys: tuple[str, str, str, str]


def find_commune(row: Row, column: str, name: CommuneName, day: date) -> CellFault | None:
    """Give the row the commune that the name means on the day; return the fault where that is not one alone."""
    found = _meant(name, row.reach, day)
    if len(found) == 1:
        row.values[column], row.areas[column] = found[0].code, found[0].uid
        row.named[column] = name
        return None
    maybe = found or _maybe(name, row.reach, day)
    near = [_shown(area) for area in maybe]
    return row.fault(column, "commune_name", day=f"{day:%d/%m/%Y}", near=near)


def communes_named(rows: Iterable[Row]) -> Iterator[CellFault]:
    """Yield a note, at the first of its rows, for each name and the commune that it was read as."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for column, name in row.named.items():
            uid = row.areas[column]
            if (name, uid) not in seen:
                seen.add((name, uid))
                yield row.fault(column, NAMED, name=name, commune=_shown(area_book().by_uid[uid]))


@lru_cache(maxsize=16_384)
def _meant(name: str, reach: str | None, day: date) -> tuple[Area, ...]:
    """Return the communes that the name may mean within the unit's district, by the closest way of comparing that any fits.

    Example: ``Ngọc Châu`` in the city of Hải Dương in 2023 is the ward 10513.
    """
    wanted = _keys(name)
    within = _district(reach, day)
    communes = [
        each for each in _communes(area_book().era(day)) if within in area_book().ancestors(each.area.uid)
    ]
    # With the word for the kind it has to fit, too; without it any kind does.
    for place in (0, 2) if wanted[0] != wanted[1] else (0, 1, 2, 3):
        found = tuple(each.area for each in communes if each.keys[place] == wanted[place])
        if found:
            return found
    return ()


@lru_cache(maxsize=4096)
def _maybe(name: str, reach: str | None, day: date) -> tuple[Area, ...]:
    """Return communes of the day that may be meant: elsewhere, of another kind, spelt like it, or what it is part of now."""
    book, bare = area_book(), _keys(name)[3]
    listed = _communes(book.era(day))
    found = [each.area for each in listed if each.keys[3] == bare]
    for other in book.by_uid.values():
        if other.level == "commune" and not other.exists_on(day) and _keys(other.name)[3] == bare:
            linked = book.successors(other.uid) | {step.from_uid for step in book.predecessions(other.uid)}
            found += [book.by_uid[uid] for uid in sorted(linked) if book.by_uid[uid].exists_on(day)]
    within = _district(reach, day)
    near = [each for each in listed if within in book.ancestors(each.area.uid)]
    for spelt in get_close_matches(bare, [each.keys[3] for each in near], n=_MOST, cutoff=_LIKE):
        found += [each.area for each in near if each.keys[3] == spelt]
    return tuple(dict.fromkeys(found))[:_MOST]


@lru_cache(maxsize=16)
def _communes(era: date) -> tuple[_Listed, ...]:
    return tuple(
        _Listed(area, _keys(area.name))
        for area in sorted(area_book().by_uid.values(), key=lambda area: area.code)
        if area.level == "commune" and area.exists_on(era)
    )


@lru_cache(maxsize=16_384)
def _keys(name: str) -> tuple[str, str, str, str]:
    kinds, written = _kinds()
    found = written.fullmatch(name.strip())
    kind = "" if found is None else kinds[found[1].casefold()]
    proper = name.strip() if found is None else found[2]
    whole = f"{kind} {proper}".strip()
    return normalise_name(whole), normalise_name(proper), normalise_header(whole), normalise_header(proper)


@cache
def _kinds() -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Return the words for kinds of commune with what each is short for, and a name that begins with one."""
    kinds = {row["word"]: row["kind"] for row in national_table("commune-kinds.csv")}
    words = "|".join(sorted(kinds, key=len, reverse=True))
    return kinds, re.compile(rf"({words})(?:\.\s*|\s+)(.+)", re.IGNORECASE)


def _district(reach: str | None, day: date) -> str | None:
    """Return the district in which the unit lies on the day, the province where there are none or the unit is above them."""
    book = area_book()
    places = [] if reach is None else book.named(reach)
    there = next((area.uid for area in places if area.exists_on(day)), None)
    if there is None and places:
        placed = book.placed(places[-1].uid, day)
        there = None if placed is None else placed.uid
    if there is None:
        return _province(day)
    area = book.by_uid[there]
    return area.parent_uid if area.level == "commune" else area.uid


def _province(day: date) -> str | None:
    return next(
        (
            area.uid
            for area in area_book().by_uid.values()
            if area.level == "province" and area.exists_on(day)
        ),
        None,
    )


def _shown(area: Area) -> str:
    parent = area_book().by_uid.get(area.parent_uid or "")
    return f"{area.code} {area.name}" if parent is None else f"{area.code} {area.name} ({parent.name})"
