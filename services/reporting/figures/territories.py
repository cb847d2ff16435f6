"""Territories: to which area of a day's hierarchy a record belongs. The day is the one asked, or ``geography``.

A record keeps the commune of its own time, which may have been merged, divided or formed since. Where the commune has
wholly become one other commune, the record belongs to that one; backwards in time too, where exactly one commune became
it. Otherwise nothing is guessed: the record belongs to the smallest area that surely contains its commune, and is shown
there in a row "not attributed" of this commune.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from reference import Area, Place, area_book, province
from texts import Message, message

UNATTRIBUTED = "unattributed"
"""Row of records that belong to the area, but surely to none of its parts (chưa phân bổ): ``unattributed:<area uid>``."""
UNKNOWN = "unknown"
"""Row of records with a blank value; in a breakdown by area: of facilities whose commune is not in the list."""
AREA_DIMENSIONS = ("area", "commune", "region")


class Attribution(NamedTuple):
    """What happens to a person's row in a divided commune when an address of theirs lies in one of its successors.

    ``row`` is the row of the breakdown that it goes to and ``inside`` whether the area asked holds it. ``later``: the
    commune was still whole on the day asked, so an address of any later day tells where the row lies; otherwise only
    addresses up to the day asked do, since a later one is a move.

    Example: commune A of 2023 was divided on 1 July 2025 between B and C. Asked about 14 December 2023 in the areas of
    2025, an address in C of August 2025 attributes the row to C; asked about 1 September 2025, one of October does not.
    """

    split_area: str
    successor: str
    row: str
    inside: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Territory:
    """One area in one hierarchy. ``parts`` are the rows of a breakdown; ``row_of`` maps the uids of areas to these rows.

    ``attributions`` is empty unless rows of divided communes must be told apart by their persons' addresses.
    """

    area: Area
    day: date
    parts: tuple[str, ...]
    row_of: dict[str, str]
    attributions: tuple[Attribution, ...] = ()

    @property
    def whole(self) -> bool:
        """Return whether the area is a whole province: then it contains the records of unknown communes too."""
        return self.area.parent_uid is None


def default_province(day: date) -> str | None:
    """Return the uid of the province of that day."""
    return area_book().carried_to(province().area_uid, day)


def territory(uid: str, day: date, by: str | None, asked: date | None = None) -> Territory:
    """Return the area in the hierarchy of ``day``, split by ``area`` (its children), ``commune``, ``region`` or not (None).

    A commune has no parts but itself. ``asked`` is the day of the question, None = ``day``.
    """
    book = area_book()
    return _territory(uid, book.era(day), by, book.era(asked or day))


class _SplitArea(NamedTuple):
    """A divided commune: the day on which it ended, and the later areas that got a part of it, with their places."""

    uid: str
    ended: date | None
    successors: tuple[tuple[str, Place], ...]


@dataclass(frozen=True, slots=True)
class _Map:
    """One hierarchy: the place in it of every area of any time, the areas inside each area, and the divided communes."""

    places: dict[str, Place]
    inside: dict[str, list[str]]
    split_areas: tuple[_SplitArea, ...]


@lru_cache(maxsize=16)
def _map(day: date) -> _Map:
    book = area_book()
    places = {uid: place for uid in book.by_uid if (place := book.placed(uid, day)) is not None}
    inside: dict[str, list[str]] = defaultdict(list)
    split_areas = []
    for uid, place in places.items():
        for above in book.ancestors(place.uid):
            inside[above].append(uid)
        if place.lost is not None and place.why == "divided":
            successors = [(uid, places[uid]) for uid in sorted(book.successors(place.lost)) if uid in places]
            sure = tuple((successor, there) for successor, there in successors if there.lost is None)
            split_areas.append(_SplitArea(uid, book.by_uid[place.lost].valid_to, sure))
    return _Map(places, dict(inside), tuple(split_areas))


@lru_cache(maxsize=8192)
def _territory(uid: str, day: date, by: str | None, asked: date) -> Territory:
    found, area = _map(day), area_book().by_uid[uid]
    land = _Land(uid, by, {part.uid: part.code for part in parts_of(uid, day, by)})
    row_of = {
        own: row for own in found.inside.get(uid, ()) if (row := land.row(found.places[own], own)) is not None
    }
    parts = tuple(land.parts.values())
    if by == "region":
        parts = tuple(sorted({row for row in row_of.values() if not row.startswith(UNATTRIBUTED)}))
        if area.parent_uid is None:
            parts = tuple(region.code for region in regions())
    return Territory(area, day, parts, row_of, _attributions(found, land, asked, row_of))


class _Land(NamedTuple):
    """An area and its breakdown; ``parts``: uid of each part → its row."""

    uid: str
    by: str | None
    parts: dict[str, str]

    def row(self, place: Place, own: str) -> str | None:
        """Return the row of a record at ``place`` whose own commune is ``own``; None outside the area."""
        chain = area_book().ancestors(place.uid)
        if self.uid not in chain:
            return None
        if self.by == "region":
            return region_of(own)
        lost = f"{UNATTRIBUTED}:{place.lost or own}"
        return next((self.parts[up] for up in chain if up in self.parts), lost)


@lru_cache(maxsize=8192)
def parts_of(uid: str, day: date, by: str | None) -> list[Area]:
    """Return the areas of the rows of a breakdown by area or commune; none for any other."""
    book = area_book()
    if by == "area":
        return book.children(uid, day) or [book.by_uid[uid]]
    return book.communes(uid, day) if by == "commune" else []


def region_day() -> date:
    """Return the day whose districts are the reporting regions, as the province's pack has it."""
    return province().regions_on


def regions() -> list[Area]:
    """Return the reporting regions of all days, by code: the province's districts as they were on ``region_day``."""
    found = area_book().children(province().area_uid, region_day())
    return [area for area in found if area.level == "district"]


@lru_cache(maxsize=1024)
def region_of(uid: str) -> str:
    """Return the code of the reporting region that surely holds the area, else the row of what cannot be told."""
    book = area_book()
    place = book.placed(uid, region_day())
    chain = () if place is None else book.ancestors(place.uid)
    found = next((up for up in chain if book.by_uid[up].level == "district"), None)
    return f"{UNATTRIBUTED}:{uid}" if found is None else book.by_uid[found].code


def _attributions(found: _Map, land: _Land, asked: date, row_of: dict[str, str]) -> tuple[Attribution, ...]:
    kept: list[Attribution] = []
    for split in found.split_areas:
        later = split.ended is not None and asked < split.ended
        pairs = []
        for successor, there in split.successors:
            row = land.row(there, split.uid)
            pairs.append(Attribution(split.uid, successor, row or "", row is not None, later))
        # Addresses are needed only where they can change the row, or whether the record is in the area at all.
        stays = row_of.get(split.uid)
        moved = {pair.row if pair.inside else None for pair in pairs}
        if any((row is None) != (stays is None) or (land.by and row != stays) for row in moved):
            kept += pairs
    return tuple(kept)


@lru_cache(maxsize=64)
def _commune_of(day: date) -> dict[str, str]:
    book = area_book()
    found = {}
    for candidate in book.by_uid:
        place = book.placed(candidate, day)
        if place is not None and place.lost is None and book.by_uid[place.uid].level == "commune":
            found[candidate] = place.uid
    return found


def commune_of(day: date) -> dict[str, str]:
    """Return for each area uid the uid of the one commune of the day's hierarchy that it is, or surely belongs to."""
    return _commune_of(area_book().era(day))


def row_name(row: str, by: str, day: date) -> Message | None:
    """Return the name of a row of a breakdown by area in the hierarchy of the day; None for rows of other breakdowns."""
    if by not in AREA_DIMENSIONS:
        return None
    if row == UNKNOWN:
        return message("row_unknown")
    kind, _, uid = row.partition(":")
    if kind == UNATTRIBUTED:
        return _lost_name(uid, by, day)
    area = area_book().resolve(row, region_day() if by == "region" else day)
    return None if area is None else Message(area.name, area.name)


def _lost_name(uid: str, by: str, day: date) -> Message:
    book, shown = area_book(), region_day() if by == "region" else day
    name = book.by_uid[uid].name
    place = book.placed(uid, shown)
    why = "outside" if place is None or place.why is None else place.why
    if why in ("divided", "unknown"):
        successors = [step.to_uid for step in book.became(uid, shown) if step.to_uid is not None]
        rule = "row_divided" if successors else "row_unknown_successor"
        return message(rule, name=name, others=_names(successors))
    if why == "outside":
        return message("row_outside", name=name)
    if by == "region":
        origins = book.origins(uid, shown) or ()
        homes = {up for o in origins for up in book.ancestors(o) if book.by_uid[up].level == "district"}
        return message("row_regions", name=name, others=_names(homes))
    return message("row_several", name=name, others=_names(book.origins(uid, day) or ()))


def _names(uids: Iterable[str]) -> str:
    book = area_book()
    return ", ".join(book.by_uid[uid].name for uid in sorted(uids))
