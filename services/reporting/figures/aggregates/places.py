"""The *area sets* that cells are kept for: each is a set of places that some question adds together.

A place is the uid of an area as records have it. For the stay of a person in a divided commune it is that uid and the
successor in which their later address lies (``11134@2008>11140@2025``). An *era* is a stretch of days in which the
hierarchy does not change; it lies between two days on which some area begins or ends. ``figures.territories`` says of
which places an area, or a row of its breakdown, consists in an era. Equal sets are one area set. Its number is a hash
of its places.

Example: on 1 December 2024 the commune 11140@2024 was formed from 11137@2008 and 11140@2008. In the eras before, each
of these two is an area set of its own; from then on a question about 11140@2024 reads the area set of all three places.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import md5, sha256
from importlib.resources import files
from typing import NamedTuple

from reference import area_book, areas_digest
from services.reporting.facts import OPEN_END
from services.reporting.figures.territories import UNATTRIBUTED, Territory, territory

BEGINNING = date(1, 1, 1)
SPLITS = (None, "area", "commune", "region")
_DISTRICTS_AND_ABOVE = ("province", "district")


class Part(NamedTuple):
    """A place belongs to an area set; questions ask about the area set on days in [since, until)."""

    place: str
    area_set: int
    since: date
    until: date


class Succession(NamedTuple):
    """A commune that was divided, and one of its successors, in which an address of its people may lie."""

    split_area: str
    successor: str

    @property
    def place(self) -> str:
        """Return the place of a person of the commune who lives there: ``11134@2008>11140@2025``."""
        return f"{self.split_area}>{self.successor}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The area sets that a question reads: of its whole area, of each row, and of each row of what is not attributed.

    ``lost`` are the rows of what is not attributed, ``losses`` is the area set of all of them together: if its sum is 0,
    the single rows need not be read. ``split_areas`` is the area set of the divided communes, whose records may belong to
    another row because of a later address. Both are None where the area has no such places.
    """

    parts: tuple[str, ...]
    whole: int
    rows: Mapping[str, int]
    lost: Mapping[str, int]
    losses: int | None
    split_areas: int | None


def area_set_of(places: frozenset[str]) -> int:
    """Return the number of a set of places: 64 bits of its digest, practically unique among some hundreds of sets."""
    return _number("\0".join(sorted(places)))


def facility_set(facility: str) -> int:
    """Return the area set of a facility, "" for all of them together; `facility_set_sql` works out the same in SQL."""
    return _number(f"f:{facility}")


def facility_set_sql(facility: str) -> str:
    """Return `facility_set` of an expression, in SQL."""
    return f"('x' || left(md5('f:' || {facility}), 16))::bit(64)::bigint"


def _number(text: str) -> int:
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


@lru_cache(maxsize=1)
def eras() -> tuple[tuple[date, date], ...]:
    """Return the stretches [first day, day after the last) in which the hierarchy is constant."""
    areas = area_book().by_uid.values()
    borders = sorted({day for area in areas for day in (area.valid_from, area.valid_to) if day is not None})
    return tuple(zip([BEGINNING, *borders], [*borders, OPEN_END], strict=True))


@lru_cache(maxsize=1)
def successions() -> tuple[Succession, ...]:
    """Return every pair of a divided commune and a successor in which persons' addresses may lie."""
    found: set[Succession] = set()
    for _, end in eras():
        found.update(_attributed(end - timedelta(days=1)))
    return tuple(sorted(found))


def _attributed(day: date) -> set[Succession]:
    """Return the pairs that some breakdown of the provinces of the day distinguishes."""
    book = area_book()
    provinces = [area for area in book.by_uid.values() if area.parent_uid is None and area.exists_on(day)]
    lands = [territory(area.uid, day, "commune") for area in provinces]
    return {Succession(pair.split_area, pair.successor) for land in lands for pair in land.attributions}


def _agree(day: date) -> bool:
    """Return whether the divided communes of the day have the same successors on all other days after their division."""
    here = _attributed(day)
    divided = {pair.split_area for pair in here}
    return here == {pair for pair in successions() if pair.split_area in divided}


def _sets(land: Territory) -> dict[str | None, frozenset[str]]:
    """Return the places of the area (key None) and of each row of its breakdown, with those of later addresses."""
    row_of: dict[str, str] = dict(land.row_of)
    attributions = {(pair.split_area, pair.successor): pair for pair in land.attributions}
    for pair in successions():
        found = attributions.get((pair.split_area, pair.successor))
        row = land.row_of.get(pair.split_area) if found is None else (found.row if found.inside else None)
        if row is not None:
            row_of[pair.place] = row
    by_row: dict[str | None, set[str]] = {None: set(row_of)}
    for place, row in row_of.items():
        by_row.setdefault(row, set()).add(place)
    return {row: frozenset(places) for row, places in by_row.items()}


def _losses(sets: Mapping[str | None, frozenset[str]]) -> frozenset[str]:
    """Return the places of all rows of what is not attributed."""
    return frozenset().union(*(places for row, places in sets.items() if _is_lost(row)))


def _is_lost(row: str | None) -> bool:
    return row is not None and row.startswith(UNATTRIBUTED)


def _split_areas_here(land: Territory) -> frozenset[str]:
    return frozenset(pair.split_area for pair in land.attributions)


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """Return which place belongs to which area set, for every question that cells answer. The first call takes a second."""
    spans: dict[frozenset[str], tuple[date, date]] = {}
    for first, end in eras():
        for places in _asked_about(end - timedelta(days=1)):
            since, until = spans.get(places, (first, end))
            spans[places] = (min(since, first), max(until, end))
    return tuple(
        sorted(Part(place, area_set_of(places), *span) for places, span in spans.items() for place in places)
    )


def _asked_about(day: date) -> Iterator[frozenset[str]]:
    for uid, area in area_book().by_uid.items():
        if area.exists_on(day):
            for by in SPLITS if area.level in _DISTRICTS_AND_ABOVE else (None,):
                land = territory(uid, day, by)
                sets = _sets(land)
                yield from sets.values()
                yield _losses(sets)
                if land.attributions:
                    yield _split_areas_here(land)


def plan(uid: str, day: date, by: str | None) -> Plan | None:
    """Return the area sets for a question about the area on the day, split or not; None where cells cannot answer."""
    area = area_book().by_uid[uid]
    if by == "region" and area.level not in _DISTRICTS_AND_ABOVE:
        return None
    _, end = next((first, end) for first, end in eras() if first <= day < end)
    return _plan(uid, end - timedelta(days=1), by)


@lru_cache(maxsize=4096)
def _plan(uid: str, day: date, by: str | None) -> Plan | None:
    if not _agree(day):
        return None
    land = territory(uid, day, by)
    found = _sets(land)
    area_sets = {
        row: area_set_of(places) for row, places in found.items() if row is not None and by is not None
    }
    lost = {row: area_set for row, area_set in area_sets.items() if _is_lost(row)}
    return Plan(
        land.parts,
        area_set_of(found[None]),
        {row: area_set for row, area_set in area_sets.items() if row not in lost},
        lost,
        area_set_of(_losses(found)) if lost else None,
        area_set_of(_split_areas_here(land)) if land.attributions else None,
    )


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return a hash of the areas' data and of the code that reads them: two programs with the same one keep the same aggregates."""
    digest = sha256(areas_digest().encode())
    for package, names in (
        ("reference", ("hierarchy.py",)),
        ("reference.pack", ("areas.py",)),
        ("services.reporting.figures", ("territories.py",)),
        ("services.reporting.figures.aggregates", ("places.py",)),
    ):
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return digest.hexdigest()
